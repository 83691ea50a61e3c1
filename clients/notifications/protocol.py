"""Webhooks out, as values: the signed request of Standard Webhooks, Slack's form, and what an answer means. Pure."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from standardwebhooks import Webhook

from clients.http import Request, Response
from clients.parsing import whole_text
from models.base import workflow_id
from models.boards import Attention
from models.notice_types import NoticeType
from models.notices import BoardStands, CheckpointNotice, Delivery, DeliveryResult, JobNotice, Notice, WebhookNotice
from models.states import BoardName, Live
from models.words import outcome_words

PROVIDER = "endpoint"
PAGE = "page"
"""The name of the link to the job's page."""
LABELS = {PAGE: "the job's page"}
"""Where Slack shows a link under another name."""
GONE = 410
SLACK_TEXT_LIMIT = 2900
"""Characters: a section takes 3,000."""

HEADLINES = {
    NoticeType.CLOSED: "is done: this is what the boards show",
    NoticeType.ATTENTION: "needs a person",
    NoticeType.REOPENED: "is posted again",
}


def notice_request(
    url: str,
    notice: Notice,
    *,
    form: Literal["standard", "slack"],
    secret: str | None,
    links: Mapping[str, str],
    now: datetime,
    public_only: bool = False,
) -> Request:
    """Build the request of one try; the id and the body are the same at each, time and signature are not."""
    message = slack_message(notice, links) if form == "slack" else standard_message(notice, links)
    body = whole_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Boardsync",
        "webhook-id": notice.id,
        "webhook-timestamp": str(int(now.timestamp())),
    }
    if secret is not None:
        headers["webhook-signature"] = Webhook(secret).sign(msg_id=notice.id, timestamp=now, data=body)
    return Request(
        operation=notice.type.value,
        method="POST",
        url=url,
        headers=headers,
        content=body.encode(),
        only_status=True,
        public_only=public_only,
    )


def read_answer(response: Response) -> Delivery:
    """Read what an endpoint answered: 2xx is delivered, 410 wants no more, anything else is to be tried again."""
    result = DeliveryResult.FAILED
    answered = f"HTTP {response.status}"
    if 200 <= response.status < 300:
        result = DeliveryResult.DELIVERED
    elif response.status == GONE:
        result, answered = DeliveryResult.GONE, "HTTP 410: the endpoint wants nothing any more"
    elif 300 <= response.status < 400:
        answered += ": redirects are not followed, configure the new address"
    return Delivery(at=response.received_at, result=result, answered=answered, retry_after=response.retry_after)


def standard_message(notice: Notice, links: Mapping[str, str]) -> dict[str, Any]:
    """Write a notice as Standard Webhooks has it: type, timestamp, data."""
    details = notice.model_dump(mode="json", exclude={"id", "type", "at"}, exclude_none=True)
    data = {**details, "links": dict(links)}
    if isinstance(notice, JobNotice):
        data = {"workflow_id": workflow_id(notice.customer_id, notice.job_id), **data}
    return {"type": notice.type.value, "timestamp": _iso(notice.at), "data": data}


def slack_message(notice: Notice, links: Mapping[str, str]) -> dict[str, Any]:
    """Write a notice for an incoming webhook of Slack."""
    match notice:
        case CheckpointNotice():
            headline, lines = _of_ledger(notice)
        case WebhookNotice():
            headline, lines = "LinkedIn's webhook needs a person", _asked(notice.attention)
        case JobNotice():
            headline, lines = _of_job(notice)
    text = "\n".join([f"*{_escaped(headline)}*", *lines])[:SLACK_TEXT_LIMIT]
    footer = " · ".join([notice.type.value, *(f"<{url}|{LABELS.get(name, name)}>" for name, url in links.items())])
    return {
        "text": _escaped(headline),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": text}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": footer}]},
        ],
    }


def _of_ledger(notice: CheckpointNotice) -> tuple[str, list[str]]:
    headline = f"The ledger {notice.log} holds {notice.size} receipts"
    why = "Keep this signed checkpoint: a past that is rewritten later shows against it."
    return headline, [why, f"```{_escaped(notice.note)}```"]


def _of_job(notice: JobNotice) -> tuple[str, list[str]]:
    where = f" on {notice.board.label}" if notice.board is not None else ""
    headline = f"Job {notice.job_id} of customer {notice.customer_id} {HEADLINES[notice.type]}{where}"
    if notice.cause is not None:
        headline = f"Customer {notice.customer_id} {HEADLINES[notice.type]}{where}, for {notice.jobs} job(s)"
    lines: list[str] = []
    if notice.attention is not None:
        lines += _asked(notice.attention)
    if notice.reason is not None:
        lines.append(_escaped(notice.reason))
    if notice.type is NoticeType.CLOSED:
        lines += [_stands(BoardName(board), stands) for board, stands in notice.boards.items()]
    return headline, lines


def _asked(attention: Attention) -> list[str]:
    return [f"What happened: {_escaped(attention.reason)}", f"What to do: {_escaped(attention.remedy)}"]


def _stands(board: BoardName, stands: BoardStands) -> str:
    return outcome_words(board, stands.outcome, stands.posting or Live.UNKNOWN)


def _escaped(text: str) -> str:
    # The three characters that Slack reads as markup of its own.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")

"""The Job Distributor: a partner reports where a job is posted."""

import re
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.calls import Call
from sandbox.icims import replies
from sandbox.icims.jobs import IcimsJob

_STATUSES = {"expired", "live", "posting in progress", "deletion in progress", "unposted"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} (AM|PM)")


def report(call: Call) -> web.Response:
    """Serve PATCH /customers/{c}/jobboardposts/."""
    body = call.json
    if not isinstance(body, dict):
        raise replies.refusal(400, 1, "The body must be a JSON object.")
    job_id = _text(body, "jobid")
    job = call.world.icims.get(call.request.match_info["customer"], job_id)
    if job is None or job.deleted:
        raise replies.not_found("Job")
    if job.hidden:
        raise replies.denied("the job")
    distributor = _text(_object(body, "jobdistributor"), "id", "jobdistributor.id")
    reported = _boards(body)
    _check_complete(job, reported)
    if not call.faults.on_item("lie", call.jobs[0] if call.jobs else None):
        before, job.boards = job.boards, {"jobdistributor": distributor, "jobboards": reported}
        call.applied = before != job.boards
    return web.Response(status=204)


def _boards(body: dict[str, Any]) -> list[dict[str, str]]:
    boards = body.get("jobboards")
    if not isinstance(boards, list) or not boards:
        raise _required("jobboards")
    return [_board(board) for board in boards]


def _board(board: Any) -> dict[str, str]:
    if not isinstance(board, dict):
        raise _required("jobboards")
    name = _object(board, "jobboard")
    status = _text(board, "status")
    if status.lower() not in _STATUSES:
        raise replies.refusal(400, 1, f'"{status}" is not a job board status.', field="status")
    return {
        "value": _text(name, "value", "jobboard.value"),
        "externalid": _text(name, "externalid", "jobboard.externalid"),
        "status": status,
        "startdate": _date(board, "startdate"),
        "enddate": _date(board, "enddate"),
    }


def _check_complete(job: IcimsJob, reported: list[dict[str, str]]) -> None:
    """Refuse a report that leaves out a board of an earlier one: each report must list all of them."""
    known = {board["value"] for board in job.boards["jobboards"]} if job.boards else set()
    missing = known - {board["value"] for board in reported}
    if missing:
        raise replies.refusal(400, 1, f"All job boards must be listed, {sorted(missing)} missing.")


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise _required(name)
    return value


def _text(body: dict[str, Any], name: str, label: str = "") -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise _required(label or name)
    return value


def _date(body: dict[str, Any], name: str) -> str:
    value = _text(body, name)
    problem = replies.refusal(400, 1, f"{name} must be YYYY-MM-DD hh:mm AM/PM.", field=name)
    if not _DATE.fullmatch(value):
        raise problem
    try:
        datetime.strptime(value, "%Y-%m-%d %I:%M %p")  # noqa: DTZ007 (only the form is checked)
    except ValueError:
        raise problem from None
    return value


def _required(name: str) -> Exception:
    return replies.refusal(400, 1, f"{name} is required.", field=name)

"""What others can be told of."""

from enum import StrEnum
from typing import Literal, get_args


class NoticeType(StrEnum):
    """What happened; the value is the `type` of the webhook."""

    CLOSED = "job.closed"
    ATTENTION = "job.attention"
    REOPENED = "job.reopened"
    WEBHOOK = "webhook.attention"
    """LinkedIn sends no notifications, or cannot be asked whether it does: this concerns all jobs and is told once."""
    CHECKPOINT = "ledger.checkpoint"
    """Once a day: the ledger's size and root, signed, so that a past that is rewritten later shows."""


JobNoticeType = Literal[NoticeType.CLOSED, NoticeType.ATTENTION, NoticeType.REOPENED]
OF_JOBS: tuple[JobNoticeType, ...] = get_args(JobNoticeType)

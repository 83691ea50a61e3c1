"""A job as listings and `nodes` show it: its names, and what an agency has set on it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.indeed.reading import liveness, moment, name_of
from models.indeed_ids import job_key
from models.states import Live


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job among others."""

    employer_job_id: str
    job_posting_id: str | None
    job_requisition_id: str | None
    marks: tuple[str, ...] | None = None
    """What only an agency sets and the job shows: `trackingUrl`, `campaignCategories`; `None` where unreadable."""
    live: Live = Live.UNKNOWN
    title: str | None = None
    url: str | None = None
    first_seen: datetime | None = None
    """When Indeed first showed it, by Indeed's own date."""

    @property
    def name(self) -> str:
        """Name it as people know it: by the ATS's id, where Indeed shows it."""
        return self.job_posting_id or self.job_requisition_id or job_key(self.employer_job_id)


def found_job(node: dict[str, Any]) -> FoundJob:
    """Read a job, whatever of it is missing."""
    data = node.get("jobData")
    data = data if isinstance(data, dict) else {}
    metadata = data.get("externalPostingMetadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return FoundJob(
        employer_job_id=name_of(node.get("id")) or "",
        job_posting_id=name_of(metadata.get("jobPostingId")),
        job_requisition_id=name_of(metadata.get("jobRequisitionId")),
        marks=_marks(metadata),
        live=liveness(node),
        title=name_of(data.get("title")),
        url=name_of(data.get("externalJobPageUrl")),
        first_seen=moment(data.get("datePostedOnIndeed")),
    )


def _marks(metadata: dict[str, Any]) -> tuple[str, ...] | None:
    shown = {"trackingUrl": metadata.get("trackingUrls"), "campaignCategories": metadata.get("campaignCategories")}
    if not all(isinstance(values, list) for values in shown.values()):
        return None
    return tuple(name for name, values in shown.items() if values)

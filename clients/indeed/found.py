"""A job as listings and `nodes` show it: its names, and what an agency has set on it."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

_SPELLINGS = ("iri://apis.indeed.com/EmployerJob/", "urn:indeed:employerjob:")


@dataclass(frozen=True, slots=True)
class FoundJob:
    """A job among others."""

    employer_job_id: str
    job_posting_id: str | None
    job_requisition_id: str | None
    marks: tuple[str, ...] | None = None
    """What only an agency sets and the job shows: `trackingUrl`, `campaignCategories`; `None` where unreadable."""

    @property
    def name(self) -> str:
        """Name it as people know it: by the ATS's id, where Indeed shows it."""
        return self.job_posting_id or self.job_requisition_id or job_key(self.employer_job_id)


def found_job(node: dict[str, Any]) -> FoundJob:
    """Read a job, whatever of it is missing."""
    data = node.get("jobData")
    metadata = data.get("externalPostingMetadata") if isinstance(data, dict) else None
    metadata = metadata if isinstance(metadata, dict) else {}
    return FoundJob(
        employer_job_id=str(node.get("id", "")),
        job_posting_id=_id(metadata.get("jobPostingId")),
        job_requisition_id=_id(metadata.get("jobRequisitionId")),
        marks=_marks(metadata),
    )


def job_key(employer_job_id: str) -> str:
    """Return what two spellings of one job's id share (docs/providers/indeed.md); else the id as it is."""
    try:
        text = base64.b64decode(employer_job_id, validate=True).decode()
    except (binascii.Error, ValueError):
        return employer_job_id
    for spelling in _SPELLINGS:
        if text.startswith(spelling):
            return text.removeprefix(spelling).lower()
    return employer_job_id


def _marks(metadata: dict[str, Any]) -> tuple[str, ...] | None:
    shown = {"trackingUrl": metadata.get("trackingUrls"), "campaignCategories": metadata.get("campaignCategories")}
    if not all(isinstance(values, list) for values in shown.values()):
        return None
    return tuple(name for name, values in shown.items() if values)


def _id(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and value != "" else None

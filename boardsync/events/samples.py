"""Sample events, as each sender writes them. Pure; nothing is signed here."""

import gzip
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from boardsync.events.signing import Outgoing
from boardsync.jobs.references import JobRef
from config.customers import CustomerLinkedIn
from config.values import fill

USER_ID, PERSON_ID = "121", "1364"
_TYPES = {"unpost": "JobUnpostToWebEvent", "post": "JobPostToWebEvent", "edit": "ViewJobWebPostEvent"}
_TITLES = {
    "applicantWorkflow": ("applicantworkflows", "Applicant Workflow"),
    "job": ("jobs", "Job Profile"),
    "person": ("people", "Person Profile"),
    "user": ("people", "Posting User"),
}


class Event(StrEnum):
    """What can be sent."""

    UNPOST = "unpost"
    POST = "post"
    EDIT = "edit"
    STATUS = "status"
    LINKEDIN_STATUS = "linkedin-status"
    LINKEDIN_RESYNC = "linkedin-resync"
    LINKEDIN_CHALLENGE = "linkedin-challenge"
    INDEED_CHANGED = "indeed-changed"


class Form(StrEnum):
    """How Indeed's pages write a job event."""

    CLOUDEVENTS = "cloudevents"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A candidate's change of status."""

    new: str
    old: str | None = None
    workflow_id: str = "2203"
    """Stands for the candidate on this job: the same one again is no second hire."""


def icims_job(gateway: str, job: JobRef, event: Event) -> Outgoing:
    """Write a job event of iCIMS."""
    body = {
        "customerId": job.customer_id,
        "userId": USER_ID,
        "eventType": _TYPES[event],
        "systemId": job.job_id,
    }
    if event is not Event.UNPOST:
        body["portalUrl"] = f"https://jobs-{job.customer_id}.icims.com/jobs/{job.job_id}/job"
    return _icims(gateway, job, body, {"job": job.job_id, "user": USER_ID})


def icims_status(gateway: str, job: JobRef, status: Status) -> Outgoing:
    """Write a status event of iCIMS."""
    body = {
        "newStatus": status.new,
        **({"oldStatus": status.old} if status.old is not None else {}),
        "customerId": job.customer_id,
        "jobId": job.job_id,
        "userId": USER_ID,
        "personId": PERSON_ID,
        "eventType": "WorkFlowStatusChangeEvent",
        "systemId": status.workflow_id,
    }
    ids = {"applicantWorkflow": status.workflow_id, "job": job.job_id, "person": PERSON_ID, "user": USER_ID}
    return _icims(gateway, job, body, ids)


def linkedin_status(gateway: str, job: JobRef, settings: CustomerLinkedIn, listing: str) -> Outgoing:
    """Write a JOB_POSTING_STATUS notification."""
    body = {
        "type": "JOB_POSTING_STATUS",
        "externalJobPostingId": _external_id(job, settings),
        "developerApplicationUrn": settings.application_urn,
        "listingStatus": listing,
        "jobPostingInfo": {"alternateLocations": []},
    }
    return _json(f"{gateway}/webhooks/linkedin", body)


def linkedin_resync(gateway: str, job: JobRef, settings: CustomerLinkedIn) -> Outgoing:
    """Write a RESYNC_JOBS notification for one job."""
    body = {
        "developerApplicationUrn": settings.application_urn,
        "externalJobPostingIds": [_external_id(job, settings)],
        "syncAllOpenJobs": False,
        "type": "RESYNC_JOBS",
    }
    return _json(f"{gateway}/webhooks/linkedin", body)


def linkedin_challenge(gateway: str, application_urn: str, code: str) -> Outgoing:
    """Write the request by which LinkedIn validates a webhook."""
    query = urlencode({"challengeCode": code, "applicationId": application_urn.rpartition(":")[2]})
    return Outgoing("GET", f"{gateway}/webhooks/linkedin?{query}")


def indeed_changed(gateway: str, employer_job_id: str, form: Form, now: datetime) -> Outgoing:
    """Write a job event of Indeed."""
    time = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body: dict[str, Any] = {"eventType": "job.updated", "jobIri": employer_job_id, "timestamp": time}
    if form is Form.CLOUDEVENTS:
        body = {
            "specversion": "1.0",
            "id": f"evt_{uuid.uuid4()}",
            "source": "api.indeed.com",
            "type": "com.indeed.partner.jobs.lifecycle_event.v1",
            "time": time,
            "datacontenttype": "application/json",
            "idempotencykey": str(uuid.uuid4()),
            "data": {"employerJobId": employer_job_id, "lifecycleEvent": "UPDATED"},
        }
    return _json(f"{gateway}/webhooks/indeed", body)


def _external_id(job: JobRef, settings: CustomerLinkedIn) -> str:
    return fill(settings.external_job_posting_id, customer_id=job.customer_id, job_id=job.job_id)


def _icims(gateway: str, job: JobRef, body: Mapping[str, Any], ids: Mapping[str, str]) -> Outgoing:
    entries = []
    for rel, id_ in ids.items():
        profile, title = _TITLES[rel]
        url = f"https://api.icims.com/customers/{job.customer_id}/{profile}/{id_}"
        entries.append(f'{url};rel="{rel}";title="{title}",')
    headers = {"Link": "".join(entries), "Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Outgoing("POST", f"{gateway}/webhooks/icims", headers, gzip.compress(json.dumps(body).encode(), mtime=0))


def _json(url: str, body: Mapping[str, Any]) -> Outgoing:
    return Outgoing("POST", url, {"Content-Type": "application/json"}, json.dumps(body).encode())

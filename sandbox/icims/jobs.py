"""The jobs that iCIMS holds, and what it shows of them."""

import re
import zlib
from dataclasses import dataclass
from typing import Any

from sandbox.content import JobContent, Location

_COMPANY_ID = 1800
_DEFAULT_FIELDS = ("jobid", "folder", "jobtitle", "joblocation", "hiringmanager", "recruiter")
_STATES = {
    "AZ": "Arizona",
    "CA": "California",
    "CO": "Colorado",
    "FL": "Florida",
    "GA": "Georgia",
    "IL": "Illinois",
    "MA": "Massachusetts",
    "NY": "New York",
    "TX": "Texas",
    "WA": "Washington",
}
_COUNTRIES = {"US": "United States", "CA": "Canada", "GB": "United Kingdom", "DE": "Germany"}


@dataclass(slots=True)
class IcimsJob:
    """One job profile."""

    customer_id: str
    job_id: str
    address_id: int
    content: JobContent
    portals: tuple[str, ...] = ()
    folder: str = "Approved"
    updated_at: float = 0.0
    hidden: bool = False
    deleted: bool = False
    hidden_fields: tuple[str, ...] = ()
    boards: dict[str, Any] | None = None

    @property
    def number(self) -> str:
        """Return the job number, which is not the system id of the URL."""
        return f"2026-{self.job_id}"


class IcimsState:
    """Everything iCIMS knows."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, str], IcimsJob] = {}
        self._by_address: dict[tuple[str, int], IcimsJob] = {}
        self.searches: dict[tuple[str, str, str], tuple[float, list[dict[str, Any]]]] = {}
        """When each search was run last, and what it found."""

    def put(self, customer_id: str, job_id: str, content: JobContent, *, portals: tuple[str, ...]) -> IcimsJob:
        """Create or replace a job."""
        old = self._jobs.get((customer_id, job_id))
        address_id = old.address_id if old else len(self._jobs) + 23
        job = IcimsJob(customer_id, job_id, address_id, content, portals)
        self._jobs[customer_id, job_id] = job
        self._by_address[customer_id, address_id] = job
        return job

    def get(self, customer_id: str, job_id: str) -> IcimsJob | None:
        """Return the job, also one that is hidden or deleted."""
        return self._jobs.get((customer_id, job_id))

    def of_customer(self, customer_id: str) -> list[IcimsJob]:
        """Return every job of a customer that is not deleted."""
        return [job for (owner, _), job in self._jobs.items() if owner == customer_id and not job.deleted]

    def by_address(self, customer_id: str, company_id: str, address_id: str) -> IcimsJob | None:
        """Return the job at that address of the customer's company."""
        if company_id != str(_COMPANY_ID) or not address_id.isdecimal():
            return None
        return self._by_address.get((customer_id, int(address_id)))


def profile(job: IcimsJob, base_url: str, *, wanted: list[str] | None, hidden: tuple[str, ...]) -> dict[str, Any]:
    """Return the job as GET shows it: only fields that have a value, and always ``links``."""
    root = f"{base_url}/customers/{job.customer_id}"
    values = _fields(job, root)
    shown = {
        name: values[name]
        for name in (_DEFAULT_FIELDS if wanted is None else wanted)
        if name not in {*hidden, *job.hidden_fields} and values.get(name) not in (None, "")
    }
    link = {
        "rel": "self",
        "title": "The current profile being viewed.",
        "url": f"{root}/jobs/{job.job_id}",
    }
    return {**shown, "links": [link]}


def address(location: Location) -> dict[str, Any]:
    """Return an address object, without the parts that are empty."""
    parts = {
        "addressstreet1": location.street,
        "addresscity": location.city,
        "addresszip": location.zip,
        "addressstate": location.state
        and {
            "id": f"D410{len(location.state):02}",
            "abbrev": location.state,
            "value": _STATES.get(location.state, location.state),
        },
        "addresscountry": {
            "id": "D410",
            "abbrev": location.country,
            "value": _COUNTRIES.get(location.country, location.country),
        },
        "addresstype": {"id": "D84002", "value": "Work", "formattedvalue": "Work"},
        "entry": 1,
    }
    return {name: value for name, value in parts.items() if value}


def portal_url(job: IcimsJob, owner: str, portal: str) -> str:
    """Return the public page of a job on a portal; the host follows from the owner's name, not from an id."""
    host = f"{portal}-{_slug(owner).replace('-', '')}.icims.com"
    return f"https://{host}/jobs/{job.job_id}/{_slug(job.content.title)}/job"


def folder(job: IcimsJob) -> dict[str, str]:
    """Return the folder as a list node; its ids are made up, but for the one that public code shows."""
    name = job.folder
    return _node("D31001" if name == "Approved" else f"C31{zlib.crc32(name.encode()) % 1000:03}", name)


def _fields(job: IcimsJob, root: str) -> dict[str, Any]:
    content = job.content
    return {
        "jobid": job.number,
        "folder": folder(job),
        "jobtitle": content.title,
        "joblocation": {
            "id": job.address_id,
            "companyid": _COMPANY_ID,
            "address": f"{root}/companies/{_COMPANY_ID}/fields/addresses/{job.address_id}",
            "value": content.location.text,
        },
        "hiringmanager": {"id": 327, "value": "Dana Reyes", "profile": f"{root}/people/327"},
        "recruiter": {"id": 138, "value": "Sam Okafor", "profile": f"{root}/people/138"},
        "overview": content.overview,
        "responsibilities": content.responsibilities,
        "qualifications": content.qualifications,
        "numberofpositions": content.positions,
        "company": content.company,
        "positiontype": _node("D37002025", content.position_type),
        "externalid": f"{job.customer_id}-{job.job_id}",
    }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "job"


def _node(node_id: str, value: str) -> dict[str, str]:
    return {"id": node_id, "value": value, "formattedvalue": value}

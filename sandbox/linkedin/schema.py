"""The rules of a simpleJobPostings element.

LinkedIn refuses some mistakes element by element inside HTTP 200, others with an HTTP error for the whole
request; its error tables say which. Whole-request errors are raised, element errors returned.
"""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.content import is_web_url
from sandbox.linkedin import replies
from sandbox.linkedin.postings import new_task_urn

OPERATIONS = ("CREATE", "UPDATE", "RENEW", "CLOSE", "UPGRADE", "DOWNGRADE")
_REQUIRED = ("title", "description", "companyApplyUrl", "location")
_COMPANY = ("integrationContext", "company", "companyPageUrl", "companyName")
_LONGS = ("listedAt", "expireAt")
_BOOLEANS = ("showPosterInfo",)
_LISTS = ("workplaceTypes", "alternateLocations", "industries", "categories")
_OBJECTS = ("onsiteApplyConfiguration", "compensation", "budget")
_STRINGS = (
    *_REQUIRED,
    *_COMPANY,
    "jobPostingOperationType",
    "listingType",
    "contract",
    "availability",
    "posterEmail",
    "trackingPixelUrl",
    "employmentStatus",
    "experienceLevel",
    "state",
    "companyJobCode",
    "skillsDescription",
    "partnerRequisitionId",
)
_KNOWN = {"externalJobPostingId", *_STRINGS, *_LONGS, *_BOOLEANS, *_LISTS, *_OBJECTS}
_TYPES = (
    (_STRINGS, str, "String"),
    (_LONGS, int, "Long"),
    (_BOOLEANS, bool, "Boolean"),
    (_LISTS, list, "Array"),
    (_OBJECTS, dict, "Record"),
)
_ENUMS = {
    "listingType": {"BASIC", "PREMIUM"},
    "availability": {"PUBLIC", "INTERNAL", "PRIVATE_TO_ATS_INTEGRATION"},
    "state": {"LISTED", "CLOSED"},
    "employmentStatus": {
        "FULL_TIME",
        "PART_TIME",
        "CONTRACT",
        "INTERNSHIP",
        "TEMPORARY",
        "VOLUNTEER",
        "OTHER",
    },
    "experienceLevel": {
        "ENTRY_LEVEL",
        "MID_SENIOR_LEVEL",
        "DIRECTOR",
        "EXECUTIVE",
        "INTERNSHIP",
        "ASSOCIATE",
        "NOT_APPLICABLE",
    },
}
_ORGANIZATION = re.compile(r"urn:li:organization:\d+")
_MAX_LENGTHS = {"externalJobPostingId": 75, "title": 200, "description": 25_000, "skillsDescription": 4_000}
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class ElementError:
    """A refusal of one element."""

    message: str
    status: int = 422

    def as_json(self) -> dict[str, Any]:
        """Return the element of the reply."""
        return {"error": {"message": self.message, "status": self.status}, "status": self.status}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the caller and the settings make of the rules."""

    contract_urn: str
    strict_close: bool
    refuse_unknown: bool
    apply_url_surface: str
    now_ms: float


def check(element: dict[str, Any], rules: Rules) -> ElementError | None:
    """Return what is wrong with the element, the first thing only, or None."""
    error = _check_names(element, rules) or _check_types(element)
    if error or (element["jobPostingOperationType"] == "CLOSE" and not rules.strict_close):
        return error
    for name in _REQUIRED:
        if element.get(name) is None:
            return _missing(name)
    _check_request(element, rules)
    return _check_values(element, rules)


def _check_names(element: dict[str, Any], rules: Rules) -> ElementError | None:
    external_id = element.get("externalJobPostingId")
    if external_id is None or external_id == "":
        return _missing("externalJobPostingId")
    if not isinstance(external_id, str):
        raise replies.refusal(500, "Internal Server Error")
    operation = element.get("jobPostingOperationType")
    if operation is None:
        return _missing("jobPostingOperationType")
    if operation not in OPERATIONS:
        return _problem("jobPostingOperationType", f'"{operation}" is not an enum symbol')
    unknown = next((name for name in element if name not in _KNOWN), None)
    if unknown and rules.refuse_unknown:
        return _problem(unknown, "unrecognized field found but not allowed")
    return None


def _check_types(element: dict[str, Any]) -> ElementError | None:
    for names, kind, label in _TYPES:
        for name in names:
            value = element.get(name)
            if value is not None and not _is(value, kind):
                return _problem(name, f"{value} cannot be coerced to {label}")
    return None


def _is(value: Any, kind: type) -> bool:
    # A JSON true is no Long, although Python counts bool as an int.
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


def _check_request(element: dict[str, Any], rules: Rules) -> None:
    """Raise for the mistakes that LinkedIn answers with an HTTP error."""
    if not any(element.get(name) for name in _COMPANY):
        raise replies.refusal(
            400, "Either `context` or `company` or `companyPageUrl` or `companyName` must be provided"
        )
    if rules.apply_url_surface == "http" and (message := bad_apply_url(element)):
        raise replies.refusal(400, message)
    contract = element.get("contract")
    if contract and contract != rules.contract_urn:
        raise replies.refusal(403, f"Caller is not authorized to access the jobs for contract: {contract}")
    for name, symbols in _ENUMS.items():
        if element.get(name) not in {None, *symbols}:
            raise replies.refusal(422, f'ERROR :: /{name} :: "{element[name]}" is not an enum symbol\n')
    if len(element.get("alternateLocations") or ()) > 7:
        raise replies.refusal(422, "A job may have at most 7 alternate locations")


def bad_apply_url(element: dict[str, Any]) -> str | None:
    """Return LinkedIn's words where candidates cannot apply at the given address."""
    if is_web_url(element.get("companyApplyUrl") or ""):
        return None
    external_id = element["externalJobPostingId"]
    return f"Invalid company apply url for job with externalPartnerId {external_id}, taskUrn {new_task_urn()}"


def _check_values(element: dict[str, Any], rules: Rules) -> ElementError | None:
    if rules.apply_url_surface == "element" and (message := bad_apply_url(element)):
        return ElementError(message, 400)
    for name in _REQUIRED:
        if not element[name]:
            return _missing(name)
    if element.get("listingType") == "PREMIUM" and not element.get("contract"):
        return _missing("contract")
    for name in ("integrationContext", "company"):
        if element.get(name) and not _ORGANIZATION.fullmatch(element[name]):
            return _problem(name, f"{element[name]} cannot be coerced to OrganizationUrn")
    return _check_sizes(element) or _check_expiry(element, rules)


def _check_sizes(element: dict[str, Any]) -> ElementError | None:
    for name, limit in _MAX_LENGTHS.items():
        if len(element.get(name) or "") > limit:
            return _problem(name, f"length is greater than the maximum of {limit}")
    if len(element["description"]) < 100:
        return _problem("description", "length is less than the minimum of 100")
    if len(element.get("workplaceTypes") or ("one",)) != 1:
        return ElementError("workplaceTypes must hold exactly one value", 400)
    return None


def _check_expiry(element: dict[str, Any], rules: Rules) -> ElementError | None:
    expires = element.get("expireAt")
    if expires is not None and not _DAY_MS < expires - rules.now_ms <= 365 * _DAY_MS:
        return ElementError("Invalid Expiration Date", 400)
    return None


def _missing(name: str) -> ElementError:
    return _problem(name, "field is required but not found and has no default value")


def _problem(name: str, text: str) -> ElementError:
    return ElementError(f"ERROR :: /{name} :: {text}\n")

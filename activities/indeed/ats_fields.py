"""The ATS's own fields of a job, as Indeed takes them: they are read here and never reach Temporal."""

import re
from collections.abc import Collection, Mapping, Sequence

from activities.problems import failure
from clients.icims.client import IcimsClient
from clients.icims.protocol import IcimsJob
from models.overlay import Formatting, Overlay, OverlayLocation
from models.problems import Category, Problem

PUSHED: Mapping[str, str] = {
    "title": "title",
    "description": "description",
    "location": "location",
    "company": "company_name",
}
"""Names in the configuration, and the overlay's fields."""

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_DISPLAY = re.compile(r"[A-Z]{2}-([A-Z]{2,3})-(.+)")
"""iCIMS's display string of a location: country, region, city."""


async def ats_overlay(client: IcimsClient, job: IcimsJob, names: Collection[str]) -> Overlay:
    """Return these fields of the overlay as the ATS has them; None where iCIMS shows none.

    Raises ProviderError.
    """
    description, formatting = _description((job.overview, job.responsibilities, job.qualifications))
    wanted = "description" in names
    return Overlay(
        title=job.title if "title" in names else None,
        description=description if wanted else None,
        description_formatting=formatting if wanted and description else None,
        location=await _location(client, job) if "location" in names else None,
        company_name=job.company if "company_name" in names else None,
    )


async def pushed_overlay(client: IcimsClient, job_id: str, push_fields: Sequence[str], *, fresh: bool) -> Overlay:
    """Return the fields that the customer chose to push.

    Raises ProviderError, and ApplicationError where iCIMS does not show one of them.
    """
    if not push_fields:
        return Overlay()
    names = [PUSHED[each] for each in push_fields]
    overlay = await ats_overlay(client, await client.job(job_id, fresh=fresh), names)
    if missing := [each for each in push_fields if getattr(overlay, PUSHED[each]) is None]:
        raise failure(_not_shown(missing))
    return overlay


def _description(parts: tuple[str | None, ...]) -> tuple[str | None, Formatting]:
    texts = [part for part in parts if part]
    if any(_TAG.search(text) for text in texts):
        return "".join(texts), "HTML"
    return "\n\n".join(texts) or None, "TEXT"


async def _location(client: IcimsClient, job: IcimsJob) -> OverlayLocation | None:
    address = await client.address(job)
    if address is not None:
        place = f"{address.region or ''} {address.postal_code or ''}".strip()
        text = ", ".join(part for part in (address.city, place) if part)
        return OverlayLocation(city_region_postal=text, street_address=address.street)
    if shown := _DISPLAY.fullmatch(job.location or ""):
        return OverlayLocation(city_region_postal=f"{shown[2]}, {shown[1]}")
    return None


def _not_shown(fields: list[str]) -> Problem:
    return Problem(
        category=Category.INVALID_POSTING,
        reason=f"iCIMS shows no {' and no '.join(fields)} of the job (empty or hidden), which push_fields in "
        "[customers.indeed] wants set on Indeed. Nothing was sent.",
        remedy="Fill it in iCIMS or let the integration user see it, or take it out of push_fields; then send `retry`.",
    )

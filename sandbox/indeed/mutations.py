"""updateSourcedJobPostings and clearSourcedJobPostingUpdates."""

from collections.abc import Callable
from typing import Any

from sandbox.content import Salary
from sandbox.faults.book import JobRef
from sandbox.faults.spec import FaultSpec
from sandbox.indeed.context import Context, ResolveInfo
from sandbox.indeed.errors import UNAUTHORIZED_CLIENT, IndeedError, bad_input, not_found
from sandbox.indeed.jobs import EmployerJob
from sandbox.indeed.overlay import NO_OVERLAY, Overlay
from sandbox.indeed.view import TITLE_LENGTH

_MAX_LENGTHS = {"title": TITLE_LENGTH, "companyName": 200}
_MAX_HTML_BYTES = 65_000
_TEXT_LENGTH = range(30, 20_001)


def update(_root: Any, info: ResolveInfo, **args: Any) -> dict[str, Any]:
    """Resolve updateSourcedJobPostings."""
    return {"results": _each(info.context, args, _update_one)}


def clear(_root: Any, info: ResolveInfo, **args: Any) -> dict[str, Any]:
    """Resolve clearSourcedJobPostingUpdates."""
    return {"results": _each(info.context, args, _clear_one)}


def expire(_root: Any, _info: ResolveInfo, **_args: Any) -> None:
    """Resolve expireSourcedJobsBySourcedPostingId, which only an ATS may call."""
    raise IndeedError("FORBIDDEN", UNAUTHORIZED_CLIENT)


def _each(
    context: Context, args: dict[str, Any], apply: Callable[[Context, dict[str, Any]], EmployerJob]
) -> list[dict[str, Any]]:
    """Apply every item on its own: what is refused becomes `None` with an error, the others stand."""
    items = (args.get("input") or {}).get("updates")
    if items is None:
        raise bad_input("input is required.")
    if len(items) > context.settings.max_batch:
        raise bad_input(f"At most {context.settings.max_batch} job postings are allowed.")
    results: list[dict[str, Any]] = []
    for item in items:
        try:
            job = apply(context, item)
        except IndeedError as error:
            # graphql-core turns an error in the place of a value into None, and knows its path.
            results.append({"jobPosting": error})
        else:
            iri = job.iri(context.settings.iri_spelling)
            results.append({"jobPosting": {"sourcedPostingId": job.posting_uuid, "employerJobId": iri}})
    return results


def _update_one(context: Context, item: dict[str, Any]) -> EmployerJob:
    job, ref = context.writable(item["sourcedPostingId"])
    fields = _given(context, job, item)
    _check(fields)
    partial = context.call.faults.on_item("partial", ref)
    if partial:
        fields = {name: value for name, value in fields.items() if name in partial.fields}
    if fields and not context.call.faults.on_item("lie", ref):
        now = context.call.now
        changed = job.overlay.truth(now).with_fields(fields)
        _note_fields(context, job, changed, fields)
        _set_overlay(context, job, ref, changed)
        if job.claimed_by is None:
            context.wrote(job)
        job.claimed_by = context.advertiser_id
    if partial:
        _fail_partly(context, partial)
    return job


def _note_fields(context: Context, job: EmployerJob, changed: Overlay, fields: dict[str, Any]) -> None:
    shown, call = job.overlay.visible(context.call.now), context.call
    names = [name for name in fields if name != "descriptionFormatting"]
    call.fields.setdefault(job.job_id, []).extend(names)
    if same := [name for name in names if getattr(shown, name) == getattr(changed, name)]:
        call.repeated.setdefault(job.job_id, []).extend(same)


def _fail_partly(context: Context, fault: FaultSpec) -> None:
    error = IndeedError(fault.code, fault.message, fault.extensions)
    if not fault.keep_item:
        raise error
    context.extra_errors.append(error)


def _clear_one(context: Context, item: dict[str, Any]) -> EmployerJob:
    job, ref = context.writable(item["sourcedPostingId"])
    if job.claimed_by is None and context.settings.clear_unclaimed == "NOT_FOUND":
        raise not_found()
    if not context.call.faults.on_item("lie", ref):
        _set_overlay(context, job, ref, NO_OVERLAY)
        if job.claimed_by is not None:
            context.wrote(job)
        job.claimed_by = None
    return job


def _set_overlay(context: Context, job: EmployerJob, ref: JobRef, overlay: Overlay) -> None:
    call = context.call
    if overlay == job.overlay.truth(call.now):
        return
    delay = call.faults.on_item("delay_visibility", ref)
    seconds = delay.seconds if delay else context.settings.visibility_seconds
    job.overlay.set(overlay, true_at=call.now, visible_at=call.now + seconds)
    call.world.webhooks.indeed.job_changed(job, delay=seconds)
    context.wrote(job)


def _given(context: Context, job: EmployerJob, item: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the item that change something: None means the same as left out."""
    metadata, body = item.get("metadata") or {}, item.get("body") or {}
    fields = {
        **{name: metadata.get(name) for name in ("url", "campaignCategories", "trackingUrl")},
        **{name: body.get(name) for name in ("title", "description", "companyName")},
        "jobLocation": (body.get("jobLocation") or {}).get("general"),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    if "description" in given:
        given["descriptionFormatting"] = body.get("descriptionFormatting") or "TEXT"
    before = job.overlay.truth(context.call.now)
    if salary := body.get("salary"):
        given["salary"] = _salary(salary, before.salary or job.base.salary)
    if context.settings.campaign_categories == "append" and "campaignCategories" in given:
        kept = [*(before.campaignCategories or ()), *given["campaignCategories"]]
        given["campaignCategories"] = list(dict.fromkeys(kept))
    return given


def _salary(given: dict[str, Any], before: Salary | None) -> dict[str, Any]:
    """Return the new salary: a missing currency stays as it is, a missing minimum or maximum is cleared."""
    return {
        "currency": given.get("currency") or (before.currency if before else None),
        "minimumMinor": given.get("minimumMinor"),
        "maximumMinor": given.get("maximumMinor"),
        "period": given["period"],
    }


def _check(fields: dict[str, Any]) -> None:
    for name, limit in _MAX_LENGTHS.items():
        if not 0 < len(fields.get(name, "-")) <= limit:
            raise bad_input(f"{name} must have 1 to {limit} characters.")
    description = fields.get("description")
    if description is None:
        return
    if fields["descriptionFormatting"] == "TEXT" and len(description) not in _TEXT_LENGTH:
        raise bad_input("description must have 30 to 20000 characters.")
    if len(description) < _TEXT_LENGTH.start:
        raise bad_input("description must have at least 30 characters.")
    if len(description.encode()) > _MAX_HTML_BYTES:
        raise bad_input("description must have at most 65000 bytes.")

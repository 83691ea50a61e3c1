"""The knobs: everything the providers leave open, or that a person wants to try."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenSettings(_Section):
    """How long tokens are good, and whether a new one ends those before it."""

    token_seconds: float = Field(default=3_600, gt=0)
    token_revokes_older: bool = False


class WebhookSettings(_Section):
    """Where a provider sends its webhooks, and what goes wrong; of ``every``, 0 means never and n each n-th event."""

    webhook_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    webhook_retries: int = Field(default=6, ge=0, le=1000)
    webhook_retry_seconds: float = Field(default=5.0, ge=0)
    webhook_duplicate_every: int = Field(default=0, ge=0)
    webhook_lose_every: int = Field(default=0, ge=0)
    webhook_forge_every: int = Field(default=0, ge=0)
    webhook_late_every: int = Field(default=0, ge=0)
    webhook_late_seconds: float = Field(default=1.0, ge=0)
    webhook_surrogate_fields: tuple[str, ...] = ()
    """Fields of an event whose texts end in a lone surrogate."""


class IcimsSettings(WebhookSettings, TokenSettings):
    """How iCIMS behaves."""

    daily_quota: int = Field(default=10_000, ge=0)
    token_seconds: float = Field(default=86_400, gt=0)
    token_requests_per_10_minutes: int = Field(default=500, ge=1)
    hidden_fields: tuple[str, ...] = ()
    portals: tuple[str, ...] = ("jobs",)
    search_page: int = Field(default=1_000, ge=1)
    search_ids: Literal["number", "text"] = "number"
    search_staleness_minutes: float = Field(default=15, ge=0)
    webhook_retries: int = Field(default=0, ge=0, le=1000)
    webhook_user: str = "icims-{customer_id}"
    webhook_secret: str = "webhook-secret-{customer_id}"
    webhook_encoding: Literal["gzip", "plain"] = "gzip"


class LinkedInSettings(WebhookSettings, TokenSettings):
    """How LinkedIn behaves."""

    task_seconds: float = Field(default=0.5, ge=0)
    task_outcome: Literal["SUCCEEDED", "FAILED", "PROCESSED", "PROCESSED_WITH_ERROR"] = "SUCCEEDED"
    task_error_message: str = "The job posting could not be processed."
    task_id_seconds: float = Field(default=86_400, gt=0)
    visibility_seconds: float = Field(default=0.2, ge=0)
    conflict_surface: Literal["element", "http", "task"] = "element"
    apply_url_surface: Literal["http", "element", "task"] = "http"
    missing_method_text: Literal["permissions", "unpermitted"] = "permissions"
    job_slots: int | None = Field(default=None, ge=0)
    budget_left: bool = True
    duplicate_create: Literal["fails", "taken"] = "fails"
    new_job_status: Literal["unknown", "IN_PROGRESS"] = "unknown"
    strict_close: bool = True
    unknown_fields: Literal["refused", "ignored"] = "refused"
    update_of_closed: Literal["reopens", "ignored"] = "reopens"
    task_ids_max: int = Field(default=100, ge=1)
    status_ids_max: int = Field(default=100, ge=1)
    batch_error_status: Literal[400, 413, 422] = 400
    token_seconds: float = Field(default=1_800, gt=0)
    expired_token_text: Literal["is expired", "has expired"] = "is expired"
    detail_keys: Literal["singular", "plural"] = "singular"
    requests_per_day: int = Field(default=100_000, ge=0)
    records_per_day: int = Field(default=60_000, ge=0)
    records_per_minute: int = Field(default=2_000, ge=0)
    task_reads_per_day: int = Field(default=300_000, ge=0)
    status_reads_per_day: int = Field(default=1_000_000, ge=0)
    webhook_validation_seconds: float = Field(default=7_200, gt=0)
    webhook_challenge: Literal["parent", "child", "bare"] = "parent"
    webhook_body: Literal["escaped", "utf8"] = "escaped"
    webhook_signed_text: Literal["body", "escaped"] = "body"
    webhook_signed_by: Literal["child", "parent"] = "child"
    webhook_secret_age: Literal["new", "old"] = "new"
    webhook_signature_prefix: bool = False
    webhook_keys: Literal["singular", "plural", "headings"] = "singular"
    webhook_listing_status: str | None = None
    webhook_application_urn: str | None = None


class IndeedSettings(WebhookSettings, TokenSettings):
    """How Indeed behaves."""

    visibility_seconds: float = Field(default=0.0, ge=0)
    error_path: bool = True
    error_message_place: Literal["extensions", "top", "both"] = "extensions"
    throttle_shape: Literal["http", "errors"] = "http"
    retry_after: Literal["none", "seconds", "date"] = "none"
    expired_token_as: Literal["UNAUTHENTICATED", "FORBIDDEN"] = "UNAUTHENTICATED"
    global_status_shape: Literal["object", "array"] = "object"
    salary_shape: Literal["both", "named", "plain"] = "both"
    description_shape: Literal["as_sent", "sanitised", "text"] = "as_sent"
    location_shape: Literal["structured", "city_only", "hidden"] = "structured"
    title_shape: Literal["as_sent", "truncated"] = "as_sent"
    url_shape: Literal["as_sent", "encoded", "normalised"] = "as_sent"
    null_fields: tuple[str, ...] = ()
    ats_edit: Literal["keeps_overlay", "drops_overlay"] = "keeps_overlay"
    refresh_tokens: Literal["kept", "rotated", "revoked"] = "kept"
    iri_spelling: Literal["iri", "urn"] = "iri"
    campaign_categories: Literal["replace", "append"] = "replace"
    clear_unclaimed: Literal["ok", "NOT_FOUND"] = "ok"
    missing_node: Literal["null", "error"] = "null"
    nodes_order: Literal["kept", "shuffled"] = "kept"
    nodes_max: int = Field(default=1_000, ge=1)
    write_to_inactive: Literal["ok", "NOT_FOUND"] = "ok"
    inactive_jobs: Literal["listed", "unlisted"] = "listed"
    find_cursors: Literal["entry", "offset"] = "entry"
    estimate_offset: int = 0
    page_size_max: int = Field(default=100, ge=1)
    max_batch: int = Field(default=100, ge=1)
    mutations_per_second: int = Field(default=20, ge=0)
    finds_per_second: int = Field(default=5, ge=0)
    webhook_form: Literal["cloudevents", "legacy"] = "cloudevents"
    webhook_signature_header: str = "X-Indeed-Signature"
    webhook_signature_algorithm: Literal["sha1", "sha256"] = "sha1"
    webhook_signature_encoding: Literal["base64", "hex"] = "base64"


class Settings(_Section):
    """All knobs, by provider."""

    icims: IcimsSettings = IcimsSettings()
    linkedin: LinkedInSettings = LinkedInSettings()
    indeed: IndeedSettings = IndeedSettings()

    def patched(self, changes: dict[str, Any]) -> "Settings":
        """Return a copy with the changes, given nested or as ``"section.knob"`` keys.

        Raises pydantic's ValidationError, which names the key, for an unknown knob or a bad value.
        """
        merged: dict[str, Any] = self.model_dump()
        for key, value in changes.items():
            section, _, knob = key.partition(".")
            known = merged.get(section)
            if knob and isinstance(known, dict):
                known[knob] = value
            elif isinstance(known, dict) and isinstance(value, dict):
                known.update(value)
            else:
                merged[key] = value
        return Settings.model_validate(merged)

"""What is configured for each iCIMS customer."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr, StringConstraints, model_validator

from config.messages import Language, Messages
from config.rules import (
    ApplyUrl,
    CloseWhen,
    ClosingRule,
    Contract,
    IndeedRule,
    LinkedInRule,
    ListingType,
    Organization,
    Said,
    WorkplaceType,
)
from config.values import JOB_NUMBER, PORTAL_HOST, Secret, Section, Text, fill
from models.base import NumericId
from models.icims_fields import IcimsFields
from models.states import BoardName

LINKEDIN_ID_LIMIT = 75
"""Characters of externalJobPostingId in the newest schema (docs/providers/linkedin.md, Fields)."""


def _of_ids_alone(template: str) -> str:
    if any(each in template for each in (JOB_NUMBER, PORTAL_HOST)):
        raise ValueError(f"{JOB_NUMBER} and {PORTAL_HOST} are for addresses; an id is made of customer_id and job_id")
    if "{job_id}" not in template:
        raise ValueError("an id must have {job_id} in it: without, all jobs would be the same one")
    return template


IdTemplate = Annotated[Text, AfterValidator(_of_ids_alone)]


class SearchFilter(Section):
    """One condition of a job search in iCIMS; one of its values is enough."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]+$")]
    """The filter's name; tenants may hide some."""
    value: Annotated[tuple[Text, ...], Field(min_length=1)]
    """What it is compared with."""
    operator: Text = "="
    """How it is compared."""


class CustomerICIMS(Section):
    """One customer's iCIMS credentials, in both directions."""

    webhook_auth: Literal["basic", "hmac", "oauth", "none"]
    """How this customer's events are authenticated; `none` accepts them as they come."""
    webhook_user: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^:]+$")] | None = None
    """User of Basic or HMAC, client id of OAuth; no colon: Basic credentials end the user there (RFC 7617)."""
    webhook_secret: Secret | None = None
    """Password of Basic, key of HMAC, client secret of OAuth; customers may share one."""
    webhook_previous_secret: Secret | None = None
    """Accepted beside the present one while the secret is being changed."""
    status_reply: Literal["message", "redirect"] = "message"
    """What answers a status event: a message, or a redirect to the job's page (Show Confirmation)."""
    job_distributor_id: Text | None = None
    """iCIMS's id of this integration ("D90005"): with it, states are reported back to `jobboardposts`."""
    report: bool = True
    """`false` switches reporting back off."""
    fields: IcimsFields = IcimsFields()
    """Profile fields of this tenant."""
    api_url: AnyHttpUrl | None = None
    """Where this customer's API is, if not at `[icims] api_url`: EU customers must use https://api-eu.icims.com."""
    token_url: AnyHttpUrl | None = None
    """Where this customer's tokens are fetched, if not at `[icims] token_url`."""
    client_id: Text
    """OAuth client id, to read jobs."""
    client_secret: Secret
    """OAuth client secret."""
    client_secret_expires: date | None = None
    """The day from which the client secret is no longer good, where one is known: warned of 30 days ahead."""
    posted_folders: tuple[Text, ...] = ()
    """Folders, by name or id, whose jobs are wanted on the boards: asked before a job that is back is closed again."""
    portals: tuple[Text, ...] = ()
    """Career portals, by name or id: a job that is on none of them is not wanted on the boards."""
    posted_search: tuple[SearchFilter, ...] = (SearchFilter(name="job.jobpost.isposted", value=("true",)),)
    """The job search that finds what the customer posts, for reconciliation; with `portals`, those are read instead."""
    apply_url: ApplyUrl = "https://jobs-{customer_id}.icims.com/jobs/{job_id}/job"
    """Where candidates apply, if iCIMS's event named no `portalUrl`: LinkedIn wants it also to close a posting."""

    @model_validator(mode="after")
    def _credentials_for_the_webhook(self) -> "CustomerICIMS":
        if self.webhook_auth != "none" and not (self.webhook_user and self.webhook_secret):
            raise ValueError(f'webhook_auth "{self.webhook_auth}" needs webhook_user and webhook_secret')
        return self


class CustomerLinkedIn(Section):
    """One customer's LinkedIn child application."""

    client_id: Text
    """OAuth client id of the customer's child application."""
    client_secret: Secret
    """OAuth client secret; LinkedIn signs its webhooks with it."""
    client_secret_expires: date | None = None
    """The day from which the client secret is no longer good, where one is known: warned of 30 days ahead."""
    previous_client_secret: SecretStr = SecretStr("")
    """An older secret, while it is being rotated."""
    application_urn: Annotated[str, StringConstraints(pattern=r"^urn:li:developerApplication:[0-9]+$")]
    """The child application's URN."""
    organization_urn: Organization
    """The customer's organization at LinkedIn."""
    contract_urn: Contract | None = None
    """The customer's contract; needed for `PREMIUM`."""
    listing_type: ListingType = "BASIC"
    """How jobs are listed."""
    workplace_type: WorkplaceType | None = None
    """Where people work, if that is the same for all jobs; what another system has posted is not updated without it."""
    rules: tuple[LinkedInRule, ...] = ()
    """Jobs that are listed otherwise, by a field of iCIMS."""
    external_job_posting_id: IdTemplate = "{customer_id}-{job_id}"
    """The id under which jobs are posted."""
    on_post: Literal["none", "create"] = "none"
    """What a posted job means for LinkedIn: watched only, as a feed posts it, or created by Boardsync."""
    poster_email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    """The owner of the postings, sent with each: LinkedIn requires it since June 2025 (job-posting-release-notes)."""

    @model_validator(mode="after")
    def _ids_are_short_enough(self) -> "CustomerLinkedIn":
        longest = fill(self.external_job_posting_id, customer_id="0" * 20, job_id="0" * 20)
        if len(longest) > LINKEDIN_ID_LIMIT:
            raise ValueError(f"external_job_posting_id may grow over LinkedIn's {LINKEDIN_ID_LIMIT} characters")
        return self

    @model_validator(mode="after")
    def _premium_needs_a_contract(self) -> "CustomerLinkedIn":
        if self.listing_type == "PREMIUM" and self.contract_urn is None:
            raise ValueError('listing_type "PREMIUM" needs contract_urn')
        for number, rule in enumerate(self.rules):
            if rule.listing_type == "PREMIUM" and (rule.contract_urn or self.contract_urn) is None:
                raise ValueError(f'rules[{number}]: listing_type "PREMIUM" needs contract_urn')
        return self

    @property
    def names_workplaces(self) -> bool:
        """Return whether anything says where people work."""
        return self.workplace_type is not None or any(each.workplace_type is not None for each in self.rules)

    def listing(self, said: Said) -> "Listing":
        """Return how a job is listed of which iCIMS says this."""
        rules = [rule for rule in self.rules if rule.when.holds(said)]

        def first(name: str) -> str | None:
            return next((found for rule in rules if (found := getattr(rule, name)) is not None), None)

        return Listing(
            listing_type=first("listing_type") or self.listing_type,
            contract_urn=first("contract_urn") or self.contract_urn,
            organization_urn=first("organization_urn") or self.organization_urn,
            workplace_type=first("workplace_type") or self.workplace_type,
            apply_url=first("apply_url"),
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """How one job is listed at LinkedIn."""

    listing_type: str
    contract_urn: str | None
    organization_urn: str
    workplace_type: str | None
    apply_url: str | None
    """A template, where a rule sets one."""


class CustomerIndeed(Section):
    """One customer's Indeed advertiser, and the overlay the agency sets on its jobs."""

    client_id: Text
    """OAuth client id."""
    client_secret: Secret
    """OAuth client secret."""
    client_secret_expires: date | None = None
    """The day from which the client secret is no longer good, where one is known: warned of 30 days ahead."""
    advertiser_id: Text
    """The advertiser that the token represents."""
    webhook_secret: Secret | None = None
    """Signs Indeed's webhooks."""
    webhook_signature_header: Text = "X-Indeed-Signature"
    """Where Indeed puts the signature."""
    webhook_signature_algorithm: Literal["sha1", "sha256"] = "sha1"
    """Digest of the signature."""
    webhook_signature_encoding: Literal["base64", "hex"] = "base64"
    """How the signature is written."""
    job_posting_id: IdTemplate = "{job_id}"
    """Indeed's `jobPostingId` of a job: every posting that has it is the job."""
    match_requisition: bool = False
    """Take a posting without `jobPostingId` by its `jobRequisitionId`, which several jobs may share."""
    feed_types: tuple[Text, ...] = ()
    """Which jobs are listed; without any, as Indeed does by itself: those that partners' feeds and APIs brought."""
    legacy_source_id: Text | None = None
    """Only jobs of this source of Indeed are listed."""
    legacy_source_ids: tuple[Text, ...] = ()
    """Only jobs of these sources are listed, where there are several."""
    include_multi_location_jobs: bool | None = None
    """Whether jobs with several locations are listed; unset, as Indeed does by itself."""
    refresh_token: Secret | None = None
    """3-legged OAuth: stands for a user who signed in once; without it the token represents the advertiser."""
    url: Text | None = None
    """The apply URL that the agency sets on a job."""
    tracking_url: Text | None = None
    """The tracking URL that the agency sets on a job, and that must be gone after a clear."""
    campaign_categories: tuple[Text, ...] = ()
    """The campaign categories that the agency sets on a job, and that must be gone after a clear."""
    company_name: Text | None = None
    """The company name that the agency sets on a job."""
    ask_when_hidden: bool = False
    """Ask a person where a posted job is found by nobody: nowhere, or sponsored only and without spend."""
    push_fields: tuple[Literal["title", "description", "location", "company"], ...] = ()
    """What is taken from iCIMS and set on the job at Indeed."""
    rules: tuple[IndeedRule, ...] = ()
    """Jobs that are at Indeed under another application, advertiser or source, by a field of iCIMS."""

    @model_validator(mode="after")
    def _sources_are_told_apart(self) -> "CustomerIndeed":
        for number, rule in enumerate(self.rules):
            elsewhere = rule.client_id not in {None, self.client_id} or rule.advertiser_id not in {
                None,
                self.advertiser_id,
            }
            if not elsewhere and not (self.legacy_source_id or self.legacy_source_ids):
                raise ValueError(
                    f"rules[{number}]: another source of the same application and advertiser needs legacy_source_id in "
                    "[customers.indeed], too: without it the jobs of every source are listed"
                )
        return self


class Reconcile(Section):
    """What reconciliation does about what it finds; all else it finds is reported."""

    missed_unpost: Literal["report", "act"] = "report"
    """The customer no longer posts a job that is still wanted or shown on a board; `act` takes it down."""
    live_again: Literal["report", "act"] = "report"
    """A board shows a closed job again; `act` has its lifecycle take it up."""


class Customer(Section):
    """One iCIMS customer."""

    id: NumericId
    """iCIMS's customer id."""
    name: Text
    """The name that people see."""
    boards: Annotated[tuple[BoardName, ...], Field(min_length=1)]
    """The boards that jobs are taken down from; each needs its section."""
    closing_statuses: tuple[Text, ...] = ()
    """Candidate statuses that fill a position, as the event writes them."""
    close_when: CloseWhen = "first_hire"
    """How many hires fill a job: one, or iCIMS's number of positions."""
    closing: tuple[ClosingRule, ...] = ()
    """Jobs that hires close otherwise, or not at all, by a field of iCIMS."""
    language: Language | None = None
    """Whose words the iCIMS users read, of `[gateway.languages]`."""
    messages: Messages | None = None
    """Replies in words of this customer's own; those that are not set are the language's, or all customers'."""
    reconcile: Reconcile = Reconcile()
    icims: CustomerICIMS
    linkedin: CustomerLinkedIn | None = None
    indeed: CustomerIndeed | None = None

    def closes_when(self, said: Said) -> str:
        """Return when hires close a job of which iCIMS says this."""
        return next((rule.close_when for rule in self.closing if rule.when.holds(said)), self.close_when)

    @model_validator(mode="after")
    def _a_field_for_the_company(self) -> "Customer":
        if self.indeed is not None and "company" in self.indeed.push_fields and self.icims.fields.company is None:
            raise ValueError('push_fields names "company", so [customers.icims.fields] company is needed')
        return self

    @model_validator(mode="after")
    def _a_section_for_each_board(self) -> "Customer":
        for board in self.boards:
            if getattr(self, board.value) is None:
                raise ValueError(f'boards names "{board.value}", so [customers.{board.value}] is needed')
        return self

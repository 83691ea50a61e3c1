"""What LinkedIn's statuses mean (job-status-change-notifications, the three tables of error codes).

Listing and promotion codes are published as `10XX`, so those are known by their names; LinkedIn Apply's have numbers.
"""

from models.base import Model
from models.boards import StatusNote
from models.events import StatusDetail
from models.problems import Category
from models.texts import folded

WORDS_KEPT = 300
"""Characters of LinkedIn's own words that are kept."""
NAME_OF_A_CLOSE = "MEMBER_REPORTED"
"""The one listing status by which LinkedIn closes a job; with the others it withholds one."""


MIGRATION = "linkedin.migration"
"""The customer's jobs do not come by API yet, or not only: only a job that settled shows that this is over."""


class Meaning(Model):
    """What a status means: in words, as a kind of problem where it is one, and what to do."""

    says: str
    """LinkedIn's own message, which begins with the symbolic name."""
    code: int | None = None
    status: str
    meaning: str
    category: Category | None = None
    remedy: str = ""
    cause: str | None = None
    """Names what concerns all jobs of the customer alike."""

    @property
    def name(self) -> str:
        """Return the symbolic name."""
        return self.says.partition(":")[0].strip()


_EDIT = "Then save the job in iCIMS, so that it is sent again."

LISTING = (
    Meaning(
        says="INVALID_LOCATION: The job location cannot be standardized. Please update the location in your ATS "
        "according to the API schema location field best practices.",
        status="NOT_LISTED",
        meaning="LinkedIn does not recognize the job's location: mostly the country or the postal code is missing.",
        category=Category.INVALID_POSTING,
        remedy=f"Complete the job's location in iCIMS: city, state or postal code, and country. {_EDIT}",
    ),
    Meaning(
        says="MISSING_LOCATION: The job is missing location data. Please add the location in your ATS to post.",
        status="NOT_LISTED",
        meaning="The job has no location.",
        category=Category.INVALID_POSTING,
        remedy=f"Fill in the job's location in iCIMS. {_EDIT}",
    ),
    Meaning(
        says="BLOCKED_COUNTRY: The job\u2019s location is a country blocked by LinkedIn to comply with US government "
        "sanctions. Please refer to LinkedIn Help to ensure the job location is not in a sanctioned country.",
        status="NOT_LISTED",
        meaning="The job's location lies in a country under US sanctions, where LinkedIn lists no jobs.",
        category=Category.INVALID_POSTING,
        remedy="Check the country in iCIMS against LinkedIn Help. If it is wrong, correct it; if it is right, LinkedIn "
        "will not list the job: unpost it in iCIMS.",
    ),
    Meaning(
        says="MEMBER_REPORTED: The job was closed because it was reported by multiple LinkedIn members as no longer "
        "accepting applications. Please ensure the job was not incorrectly closed in your ATS.",
        status="NOT_LISTED",
        meaning="LinkedIn closed the job, because several members reported that it takes no applications any more.",
        category=Category.CLOSED_BY_BOARD,
        remedy="Check that candidates can apply at the job's address. Then post the job again: send `retry` if "
        "Boardsync posts it, else list it again by the ATS's feed. If it is filled, unpost it in iCIMS.",
    ),
    Meaning(
        says="CUSTOMER_EXCLUDED: The job was deliberately not posted due to a customer-requested rule. Please reach "
        "out to LinkedIn Support to modify or remove the rule.",
        status="NOT_LISTED",
        meaning="A rule that the customer once asked LinkedIn for keeps this job off LinkedIn.",
        category=Category.CLOSED_BY_BOARD,
        remedy="Have the customer ask LinkedIn Support to change the rule; or unpost the job in iCIMS, if it is to "
        "stay off LinkedIn.",
    ),
    Meaning(
        says="PENDING_CUSTOMER_MIGRATION:This job is not yet eligible to be posted automatically via the API. "
        "LinkedIn Support has been notified to ensure customer\u2019s readiness to migrate to real time API posting "
        "within 1-2 weeks.",
        status="NOT_LISTED",
        meaning="LinkedIn has not yet moved this customer to posting by API; its support knows.",
        category=Category.FED_FROM_ELSEWHERE,
        remedy="Wait: LinkedIn expects the move within one to two weeks, and Boardsync goes on reading. If it takes "
        "longer, ask LinkedIn Support.",
        cause=MIGRATION,
    ),
)

_QUESTIONS = "Whoever sends the job's application questions must mend them and update the job."
_WEBHOOK = "Mend the webhook that takes applications, so that LinkedIn reaches and validates it, then update the job."
_FAILED = "ENABLING_APPLY_CONNECT_BY_PARTNER_FAILED"

APPLY = (
    Meaning(
        says="IN_PROGRESS: LinkedIn Apply is being processed. Please check back in 5 minutes.",
        code=1156,
        status="IN_PROGRESS",
        meaning="LinkedIn Apply was asked for and is being set up.",
    ),
    Meaning(
        says=f"{_FAILED}: Required one non-null optional field in /questionDetails",
        code=1100,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: a question's `questionDetails` must hold exactly one kind of detail.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says=f"{_FAILED}: PrerequisiteQuestion cannot depend on the response of another PrerequisiteQuestion",
        code=1101,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: a prerequisite question depends on another one; only one level is allowed.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says=f"{_FAILED}: PrerequisiteQuestion must be present within the same customQuestions set/array",
        code=1102,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: a prerequisite question is not in the same set of custom questions.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says=f"{_FAILED}: Repeatable questions cannot have PrerequisiteQuestion",
        code=1103,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: questions that may be repeated cannot have a prerequisite question.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says=f"{_FAILED}: Unable to process questions",
        code=1151,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: the questions could not be read, or their ids repeat.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says=f"{_FAILED}: Unable to register jobApplicationWebhookUrl",
        code=1153,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: the webhook that takes applications could not be registered.",
        category=Category.CONFIGURATION,
        remedy=_WEBHOOK,
    ),
    Meaning(
        says="BLOCKED_WEBHOOK: The application delivery webhook wasn\u2019t reachable. Please ensure webhook is "
        "reachable and able to accept applications and then resync the job.",
        code=1154,
        status="NOT_ENABLED",
        meaning="LinkedIn Apply is off: the webhook that takes applications was not reachable, or failed validation.",
        category=Category.CONFIGURATION,
        remedy=_WEBHOOK,
    ),
    Meaning(
        says="LOW_APPLICATION_DELIVERY: LinkedIn Apply has been disabled due to application delivery failures. Please "
        "verify the webhook url, ensure you are able to process applications successfully for this job and then resync "
        "the job.",
        code=1155,
        status="NOT_ENABLED",
        meaning="LinkedIn switched LinkedIn Apply off, because applications could not be delivered.",
        category=Category.CONFIGURATION,
        remedy=_WEBHOOK,
    ),
    Meaning(
        says="Free application limit exceeded",
        code=1157,
        status="NOT_ENABLED",
        meaning="LinkedIn switched LinkedIn Apply off, because the limit of free applications is exceeded.",
        category=Category.OUT_OF_SLOTS,
        remedy="Members apply at the job's own address. Promote the job on LinkedIn to take more applications there.",
    ),
    Meaning(
        says=_FAILED,
        status="NOT_ENABLED",
        meaning="LinkedIn could not switch LinkedIn Apply on.",
        category=Category.INVALID_POSTING,
        remedy=_QUESTIONS,
    ),
    Meaning(
        says="No attempt to enable LinkedInApply was found for this job.",
        status="NOT_ENABLED",
        meaning="Nobody asked for LinkedIn Apply: members apply at the job's own address.",
    ),
)

PROMOTION = (
    Meaning(
        says="LI_CUSTOMER_PROMOTED: Visit Recruiter to manage.",
        status="PROMOTED",
        meaning="The job is promoted under the customer's LinkedIn Recruiter contract; it is managed in Recruiter.",
    ),
    Meaning(
        says="LI_CUSTOMER_BASIC: Promote your job in Recruiter or ask your Job Posting Admin to manage.",
        status="NOT_PROMOTED",
        meaning="The job is posted as a basic job; it can be promoted in Recruiter or by the Job Posting Admin.",
    ),
    Meaning(
        says="ATS_CUSTOMER_BASIC: Reach out to LinkedIn Sales to learn more.",
        status="NOT_PROMOTED",
        meaning="The job is posted as a basic job, as the customer has no LinkedIn contract; ask LinkedIn Sales.",
    ),
)

PLAIN = {
    "LISTED": "Members see the job.",
    "NOT_LISTED": "Members do not see the job.",
    "ENABLED": "Members apply on LinkedIn.",
    "NOT_ENABLED": "Members apply at the job's own address.",
    "PROMOTED": "The job is promoted.",
    "NOT_PROMOTED": "The job is not promoted.",
    "IN_PROGRESS": "LinkedIn is still working on it.",
}
"""What the statuses mean by themselves."""

_UNKNOWN = "LinkedIn says something that Boardsync does not know"
_ASK = "Read LinkedIn's own words; if they do not help, ask LinkedIn Support."
_THEIRS = "Nothing: the fault is LinkedIn's, and LinkedIn tries again by itself."


def meaning_of(table: tuple[Meaning, ...], detail: StatusDetail) -> Meaning | None:
    """Find what a status means; None where it says nothing but itself.

    A value that is not documented gets a meaning that is safe; LinkedIn's words stay with the status.
    """
    if found := _by_code(table, detail) or _by_message(table, detail) or _by_name(table, detail):
        return found
    if not (detail.code or detail.name or detail.message) and detail.status in PLAIN:
        return None
    theirs = detail.type == "LINKEDIN_ERROR"
    withheld = table is LISTING and detail.status != "LISTED"
    return Meaning(
        says=words_of(detail),
        code=detail.code,
        status=detail.status,
        meaning=f"{_UNKNOWN}: {words_of(detail)}",
        category=Category.CLOSED_BY_BOARD if withheld else Category.TEMPORARY if theirs else None,
        remedy=_THEIRS if theirs else _ASK,
    )


def note_of(table: tuple[Meaning, ...], detail: StatusDetail) -> StatusNote:
    """Return what a status means, for people."""
    found = meaning_of(table, detail)
    if found is None:
        return StatusNote(status=detail.status, meaning=PLAIN[detail.status])
    return StatusNote(status=detail.status[:WORDS_KEPT], meaning=found.meaning, remedy=found.remedy)


def words_of(detail: StatusDetail) -> str:
    """Return LinkedIn's own words, in one line and not too many."""
    code = f"code {detail.code}" if detail.code is not None else ""
    said = detail.message or detail.name or ""
    line = " ".join(" ".join((detail.status, code, said)).split())
    return line if len(line) <= WORDS_KEPT else line[: WORDS_KEPT - 1] + "…"


def _by_code(table: tuple[Meaning, ...], detail: StatusDetail) -> Meaning | None:
    return next((row for row in table if row.code is not None and row.code == detail.code), None)


def _by_message(table: tuple[Meaning, ...], detail: StatusDetail) -> Meaning | None:
    return next((row for row in table if _plain(row.says) == _plain(detail.message)), None)


def _by_name(table: tuple[Meaning, ...], detail: StatusDetail) -> Meaning | None:
    name = detail.name or (detail.message or "").partition(":")[0].strip()
    rows = [row for row in table if row.name == name]
    # Several codes share one name: without the code, only the row of the name alone is certain.
    return next((row for row in rows if len(rows) == 1 or row.says == name), None)


def _plain(text: str | None) -> str | None:
    return text and folded(text.replace("\u2019", "'"))

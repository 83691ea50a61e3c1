"""What the iCIMS user reads: templates, filled with the job's ids, its boards and a link."""

from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from config.values import Section, Text

PLACEHOLDERS = frozenset({"job_id", "customer_id", "boards", "actions", "link"})


def _only_known_placeholders(template: str) -> str:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"not a valid template: {error}") from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            raise ValueError(f"unknown placeholder {{{name}}}; known: {', '.join(sorted(PLACEHOLDERS))}")
    return template


Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
Template = Annotated[Text, AfterValidator(_only_known_placeholders)]


class Messages(Section):
    """Replies to iCIMS; `{actions}` says what is done on each board, `{link}` is empty where no page is configured."""

    unpost: Template = (
        "Job {job_id} is being {actions}. Boardsync goes on until each board has been read back and shows it. {link}"
    )
    """Answers Job Unpost."""
    hire: Template = "The hire is noted for job {job_id}. Once it is filled, it is {actions}. {link}"
    """Answers a status that fills a position."""
    hire_taken_back: Template = "The hire is no longer counted for job {job_id}. {link}"
    """Answers a status that gives a position back."""
    kept: Template = (
        "The request for job {job_id} is kept, and carried out as soon as the job board connection is back. "
        "There is no need to repeat it. {link}"
    )
    """Answers any of these while Temporal does not take events and the inbox keeps them."""
    status_ignored: Template = "This status changes nothing on the job boards."
    """Answers any other status."""
    unreadable: Template = (
        "The job board connection could not understand this request, so nothing was changed. "
        "Please report it to the help desk."
    )
    """Answers what cannot be read."""
    refused: Template = (
        "The job board connection did not accept this request, so nothing was changed. "
        "Please report it to the help desk."
    )
    """Answers what is not authorised."""
    not_set_up: Template = (
        "The job board connection is not set up for this, so nothing was changed. Please report it to the help desk."
    )
    """Answers what the configuration does not provide for."""
    unavailable: Template = (
        "The job boards cannot be reached right now and nothing was changed. Please try again in a few minutes."
    )
    """Answers while neither Temporal nor the inbox takes events."""

    def over(self, others: "Messages") -> "Messages":
        """Return these where they are set, and the others' words where they are not."""
        return others.model_copy(update={name: getattr(self, name) for name in self.model_fields_set})

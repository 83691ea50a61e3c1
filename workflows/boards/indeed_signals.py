"""What people and Indeed say about the job at Indeed alone."""

from pydantic import BaseModel

from models.events import IndeedChange, ManualAction, UpdateAction
from models.lifecycle import Intent
from models.temporal import UPDATE
from workflows.boards.indeed import Indeed
from workflows.inbox import Inbox


def tell_indeed(indeed: Indeed | None, intent: Intent, inbox: Inbox, name: str, message: BaseModel) -> None:
    """Pass a signal on to the track, or remember why not."""
    match message:
        case IndeedChange():
            if indeed is not None:
                indeed.hint(message)
        case ManualAction() if indeed is None:
            inbox.refuse(name, message, "the customer does not use Indeed")
        case UpdateAction() if intent is Intent.UNPOSTED:
            inbox.refuse(UPDATE, message, "the job is taken down, and its changes are cleared")
        case UpdateAction() if indeed is not None:
            indeed.set_by_hand(message)
        case ManualAction() if indeed is not None:
            if intent is Intent.UNPOSTED:
                indeed.retry()
            else:
                indeed.hold_off()

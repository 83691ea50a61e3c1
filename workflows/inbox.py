"""What a lifecycle was told: signals in the order in which they came, remembered for the receipt."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from models.base import Model
from models.by_hand import refused, taken
from models.events import AtsEvent, BoardHint, ManualAction
from models.lifecycle import EVENTS_KEPT, Received
from models.temporal import CLOSE
from models.texts import clipped
from workflows.inputs import not_readable, what_is_wrong

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a signal whose payload could not be read."""

    why: str


class Inbox:
    """Keep signals until the lifecycle's loop takes them; handlers only put, so that none interleaves with work."""

    def __init__(
        self, received: tuple[Received, ...], changed: Callable[[], None], said: Callable[[str], None]
    ) -> None:
        """Take up what an earlier run remembered.

        `changed` is called for what a person should see, `said` with a sentence for what a person has sent.
        """
        self.received = received
        self._changed, self._said = changed, said
        self._waiting: deque[tuple[str, Model | Unreadable]] = deque()

    def __bool__(self) -> bool:
        """Return whether anything waits."""
        return bool(self._waiting)

    @property
    def asks_for_work(self) -> bool:
        """Return whether an event of the ATS or a person's signal waits; a board's hint alone is no reason to work."""
        return any(isinstance(message, AtsEvent | ManualAction) for _, message in self._waiting)

    @property
    def first(self) -> Model | None:
        """Return the message that waits first; None where none does, or it could not be read."""
        message = self._waiting[0][1] if self._waiting else None
        return None if isinstance(message, Unreadable) else message

    def read(self, name: str, said: object, kind: type[M] = ManualAction) -> None:  # type: ignore[assignment]
        """Append what was sent; whatever cannot be read is remembered with what is wrong, and changes nothing.

        A tuple is all the inputs of a signal. JSON makes none, and the Web UI and the CLI may send any number.
        """
        inputs = said if isinstance(said, tuple) else (said,)
        if len(inputs) > 1:
            self._waiting.append((name, Unreadable(f"{len(inputs)} inputs, where one is expected")))
            return
        self._waiting.append((name, _read(inputs[0] if inputs else {}, kind)))

    def drain(self) -> Iterator[tuple[str, Model]]:
        """Take what waits, first come first; each is remembered, and only what could be read is given."""
        while self._waiting:
            name, message = self._waiting.popleft()
            new = self._remember(_entry(name, message), hint=isinstance(message, BoardHint))
            if new and (sentence := _sentence(name, message)) is not None:
                self._said(sentence)
            if not isinstance(message, Unreadable):
                yield name, message

    def refuse(self, name: str, message: ManualAction, why: str) -> None:
        """Remember that a signal was read and not followed."""
        reason = message.reason and clipped(message.reason)
        if self._remember(Received(at=workflow.now(), what=refused(name, why), by=message.by, reason=reason)):
            self._said(f"`{name}` was not followed: {why}.")

    def came_late(self, event: AtsEvent) -> None:
        """Remember that an event was overtaken by a newer one."""
        self.note(
            f"{clipped(event.event_type)} came late: a newer wish stands; nothing was changed", at=event.received_at
        )

    def note(self, what: str, *, at: datetime | None = None, by: str | None = None, reason: str | None = None) -> None:
        """Remember something that was no signal."""
        self._remember(Received(at=at or workflow.now(), what=what, by=by, reason=reason))

    def _remember(self, entry: Received, *, hint: bool = False) -> bool:
        """Keep an entry; return whether it is another one than before."""
        # Boards send hints by the hundred: those must not push out what the ATS and people said.
        places = range(len(self.received)) if hint else range(len(self.received))[-1:]
        for place in places:
            known = self.received[place]
            if (known.what, known.by, known.reason) == (entry.what, entry.by, entry.reason):
                counted = known.model_copy(update={"count": known.count + 1})
                self.received = (*self.received[:place], counted, *self.received[place + 1 :])
                self._changed()
                return False
        self.received = (*self.received, entry)[-EVENTS_KEPT:]
        self._changed()
        return True


def _read(said: object, kind: type[M]) -> M | Unreadable:
    if isinstance(said, RawValue):
        return Unreadable(not_readable(said))
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        return Unreadable(what_is_wrong(error))


def _entry(name: str, message: Model | Unreadable) -> Received:
    now = workflow.now()
    match message:
        case Unreadable():
            return Received(at=now, what=f"unreadable signal {name}: nothing was changed", reason=clipped(message.why))
        case AtsEvent():
            return Received(at=now, what=clipped(message.event_type), by=message.user_id and clipped(message.user_id))
        case ManualAction():
            return Received(at=now, what=taken(name), by=message.by, reason=message.reason and clipped(message.reason))
        case BoardHint():
            return Received(at=now, what=message.words)
        case _:
            return Received(at=now, what=f"signal {name}")


def _sentence(name: str, message: Model | Unreadable) -> str | None:
    """Write what a person has sent; None for what others send, and for `close`, which the next step tells."""
    match message:
        case Unreadable():
            return f"A signal `{name}` could not be read: {message.why}."
        case ManualAction() if name != CLOSE:
            reason = f": {message.reason}" if message.reason else ""
            return f"{message.by or 'Somebody'} sent `{name}`{reason}."
        case _:
            return None

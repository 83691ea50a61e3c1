"""What a lifecycle was told: signals in the order in which they came, remembered for the receipt."""

from collections import deque
from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from temporalio import workflow

from models.events import AtsEvent, ManualAction
from models.lifecycle import EVENTS_KEPT, Received

M = TypeVar("M", bound=BaseModel)


class Inbox:
    """Keep signals until the lifecycle's loop takes them; handlers only put, so that none interleaves with work."""

    def __init__(self, received: tuple[Received, ...], changed: Callable[[], None]) -> None:
        """Take up what an earlier run remembered; `changed` is called for what a person should see."""
        self.received = received
        self._changed = changed
        self._waiting: deque[tuple[str, BaseModel | None, str | None]] = deque()

    def __bool__(self) -> bool:
        """Tell whether anything waits."""
        return bool(self._waiting)

    def put(self, name: str, message: BaseModel | None, why: str | None = None) -> None:
        """Append a signal; null, and why, where its payload could not be read."""
        self._waiting.append((name, message, why))

    def put_by_hand(self, name: str, said: object, kind: type[M] = ManualAction) -> None:  # type: ignore[assignment]
        """Append what a person sent; whatever cannot be read is remembered and changes nothing."""
        try:
            self.put(name, kind.model_validate(said or {}))
        except ValidationError as error:
            self.put(name, None, first_problem(error))

    def drain(self) -> Iterator[tuple[str, BaseModel]]:
        """Take what waits, first come first; each is remembered, and only what could be read is given."""
        while self._waiting:
            name, message, why = self._waiting.popleft()
            self._remember(_entry(name, message, why))
            if message is not None:
                yield name, message

    def refuse(self, name: str, message: ManualAction, why: str) -> None:
        """Remember that a signal was read and not followed."""
        what = f"signal {name} refused: {why}; nothing was changed"
        self._remember(Received(at=workflow.now(), what=what, by=message.by, reason=message.reason))

    def _remember(self, entry: Received) -> None:
        last = self.received[-1] if self.received else None
        if last is not None and (last.what, last.by, last.reason) == (entry.what, entry.by, entry.reason):
            self.received = (*self.received[:-1], last.model_copy(update={"count": last.count + 1}))
        else:
            self.received = (*self.received, entry)[-EVENTS_KEPT:]
        self._changed()


def _entry(name: str, message: BaseModel | None, why: str | None) -> Received:
    now = workflow.now()
    match message:
        case None:
            return Received(at=now, what=f"unreadable signal {name}: nothing was changed", reason=why)
        case AtsEvent():
            return Received(at=now, what=message.event_type, by=message.user_id)
        case ManualAction():
            return Received(at=now, what=f"signal {name}", by=message.by, reason=message.reason)
        case _:
            return Received(at=now, what=f"signal {name}")


def first_problem(error: ValidationError) -> str:
    # Without the input, which may be anything.
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    words = first["msg"].removeprefix("Value error, ")
    return f"{place}: {words}" if place else words

"""What was asked of the providers and what came of it."""

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.customers import Provider

_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    """One call.

    ``applied`` says that the call changed, or will change, the provider's state. ``status`` is None when the
    connection was closed without a reply. ``throttled`` also covers a 429 inside ``errors[]``.
    """

    n: int
    at: float
    provider: Provider
    operation: str
    customer_id: str | None
    job_ids: tuple[str, ...]
    detail: str
    status: int | None
    applied: bool
    throttled: bool
    fault: str | None
    fields: dict[str, list[str]]
    """Fields that an update wrote, by job."""
    repeated: dict[str, list[str]]
    """Those of them that readers saw already with that value."""
    written: tuple[str, ...] = ()
    """Indeed's postings that the call changed, by sourcedPostingId."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the control API shows it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to look at; None means any."""

    provider: str | None = None
    operation: str | None = None
    job_id: str | None = None
    customer_id: str | None = None
    since: float | None = None
    after: int = 0
    """Records with a higher number only."""

    def takes(self, record: Record) -> bool:
        """Return whether the record is wanted."""
        return (
            record.n > self.after
            and self.provider in {None, record.provider}
            and self.operation in {None, record.operation}
            and self.customer_id in {None, record.customer_id}
            and (self.job_id is None or self.job_id in record.job_ids)
            and (self.since is None or record.at >= self.since)
        )


class RecordBook:
    """Keep the newest calls."""

    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=_KEPT)
        self._next = 1

    def next_number(self) -> int:
        """Return the number of the next record; numbers never repeat until a reset."""
        self._next += 1
        return self._next - 1

    def add(self, record: Record) -> None:
        """Keep a record, dropping the oldest when there are too many."""
        self._records.append(record)

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()

    def select(self, wanted: RecordFilter) -> list[Record]:
        """Return the records that match, oldest first."""
        return [record for record in self._records if wanted.takes(record)]

    def counts(self, wanted: RecordFilter) -> dict[str, int]:
        """Return the number of calls by ``provider.operation[.detail]``, and of throttled ones as ``429``."""
        counts: Counter[str] = Counter({"429": 0})
        for record in self.select(wanted):
            counts[".".join(filter(None, (record.provider, record.operation, record.detail)))] += 1
            counts["429"] += record.throttled
        return dict(sorted(counts.items()))

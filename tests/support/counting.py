"""What a page costs: the calls to Temporal, the rows that they may bring, and the statements to the store."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from temporalio.client import Client

LISTS = "list_workflow_executions"
CALLS = (
    LISTS,
    "count_workflow_executions",
    "describe_workflow_execution",
    "describe_task_queue",
    "get_workflow_execution_history",
    "query_workflow",
)


class Work:
    """What was asked for."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.calls: Counter[str] = Counter()
        self.rows_asked = 0
        """Of lists: what each page was allowed to bring, whatever there was."""
        self.statements = 0


@contextmanager
def counted(client: Client) -> Iterator[Work]:
    """Count what is asked of Temporal by this client, and of any store by this process."""
    work = Work()
    service = client.workflow_service
    before = {name: getattr(service, name) for name in CALLS}

    def counting(name: str) -> Any:
        async def call(request: Any, **options: Any) -> Any:
            work.calls[name] += 1
            work.rows_asked += request.page_size if name == LISTS else 0
            return await before[name](request, **options)

        return call

    def executed(*_: object) -> None:
        work.statements += 1

    event.listen(Engine, "before_cursor_execute", executed)
    for name in CALLS:
        setattr(service, name, counting(name))
    try:
        yield work
    finally:
        event.remove(Engine, "before_cursor_execute", executed)
        for name, call in before.items():
            setattr(service, name, call)

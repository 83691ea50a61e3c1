"""How a command that acts on jobs ends."""

from boardsync.exits import ExitCode
from boardsync.jobs.actions import Result, Sending, exit_code
from boardsync.jobs.waiting import JobState
from models.states import Phase


def result(sending: Sending = Sending.SENT, *, settled: bool | None = None, problem: str | None = None) -> Result:
    standing = None if settled is None else JobState(phase=Phase.OPEN, settled=settled, said="")
    return Result(job="1/2", workflow_id="job-1-2", sending=sending, problem=problem, standing=standing)


def test_the_exit_code_tells_all_some_or_none() -> None:
    failed = result(Sending.FAILED, problem="no lifecycle")
    assert exit_code([result(), result()], waited=False) is ExitCode.DONE
    assert exit_code([result(), failed], waited=False) is ExitCode.NOT_DONE
    assert exit_code([failed, failed], waited=False) is ExitCode.FAILED
    assert exit_code([result(settled=True)], waited=True) is ExitCode.DONE
    assert exit_code([result(settled=True), result(settled=False)], waited=True) is ExitCode.NOT_DONE
    assert exit_code([result(settled=True), result()], waited=True) is ExitCode.NOT_DONE

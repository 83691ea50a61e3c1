"""Which job is meant, in every spelling."""

import re

from hypothesis import given
from hypothesis import strategies as st

from boardsync.exits import CommandFailed, ExitCode
from boardsync.jobs.references import JobRef, read_jobs, read_list, read_one

DIGITS = st.text("0123456789", min_size=1, max_size=20)


@given(DIGITS, DIGITS)
def test_every_spelling_of_a_job_is_read(customer: str, job: str) -> None:
    wanted = JobRef(customer, job)
    for words in ([f"job-{customer}-{job}"], [f"{customer}/{job}"], [customer, job]):
        assert read_one(words) == wanted
    assert read_one([wanted.workflow_id]) == wanted
    assert read_one([str(wanted)]) == wanted


@given(st.lists(st.text(max_size=12), max_size=4))
def test_whatever_is_no_job_is_a_usage_error_and_nothing_else(words: list[str]) -> None:
    code, jobs = ExitCode.DONE, []
    try:
        jobs = read_jobs(words)
    except CommandFailed as error:
        code = error.code
    assert code in {ExitCode.DONE, ExitCode.USAGE}
    assert all(re.fullmatch("[0-9]{1,20}", part) for job in jobs for part in (job.customer_id, job.job_id))


def test_several_jobs_may_be_spelled_in_several_ways_and_count_once() -> None:
    jobs = read_jobs(["1/2", "3", "4", "job-5-6", "1", "2"])
    assert jobs == [JobRef("1", "2"), JobRef("3", "4"), JobRef("5", "6")]
    assert read_list("# jobs\n1/2 # first\n\n 3 4\r\njob-1-2\n") == [JobRef("1", "2"), JobRef("3", "4")]

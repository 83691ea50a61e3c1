"""Hires are counted, however many there are: only so many keys are kept, by which a repeat is known."""

from models.events import Hire
from models.lifecycle import Lifecycle
from models.states import Intent
from models.timing import Timing
from workflows.boards.job import Job
from workflows.lifecycle.hiring import HIRES_KEPT, Hiring

MANY = 10_000


def hire(number: int, *, filled: bool = True, close_when: str = "all_positions_filled") -> Hire:
    return Hire.model_validate({"key": f"{number:032x}", "filled": filled, "close_when": close_when})


def hiring(decided: list[Intent], *, needed: int) -> Hiring:
    def decide(intent: Intent) -> bool:
        decided.append(intent)
        return True

    state = Lifecycle(customer_id="1234", job_id="1", hires_needed=needed)
    return Hiring(Job("1234", "1", Timing(), lambda: None), state, decide)


def test_ten_thousand_hires_fill_a_job_of_ten_thousand_positions_and_few_keys_are_kept() -> None:
    decided: list[Intent] = []
    counted = hiring(decided, needed=MANY)
    for number in range(MANY - 1):
        counted.hear(hire(number))
        counted._close_if_filled()
    assert (counted.count, decided) == (MANY - 1, [])
    assert len(counted.hires) == HIRES_KEPT
    counted.hear(hire(MANY - 2))  # the same once more
    assert counted.count == MANY - 1
    counted.hear(hire(MANY - 1))
    counted._close_if_filled()
    assert decided == [Intent.UNPOSTED]


def test_one_of_the_first_that_is_taken_back_opens_the_job_again() -> None:
    decided: list[Intent] = []
    counted = hiring(decided, needed=MANY)
    for number in range(MANY):
        counted.hear(hire(number))
    counted._close_if_filled()
    counted.hear(hire(0, filled=False))
    assert (counted.count, decided) == (MANY - 1, [Intent.UNPOSTED, Intent.POSTED])


def test_what_was_never_counted_is_not_taken_back() -> None:
    counted = hiring([], needed=2)
    counted.hear(hire(1))
    counted.hear(hire(2, filled=False))
    assert counted.count == 1

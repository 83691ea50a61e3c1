"""What runs over many jobs say of themselves, in lines for people."""

from datetime import UTC, datetime, timedelta

from boardsync.console.runs import Told, told
from models.boards import Attention
from models.bulk import BulkProgress, BulkResult, Fate, Refusal
from models.problems import Category, Problem
from models.sweeps import Finding, Found, Rechecked, Reconciled

AT = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)


def progress(**more: object) -> BulkProgress:
    fields = {
        "dry_run": False,
        "paused": False,
        "step": "Closing jobs",
        "counts": {Fate.CLOSED: 30},
        "waiting": 5,
        "of_about": 100,
        "per_second": 2.5,
        "time_left": timedelta(seconds=28),
        "attention": None,
        "refused": (),
        "received": (),
        **more,
    }
    return BulkProgress.model_validate(fields)


def test_a_run_under_way_has_a_bar_and_says_how_long_it_takes() -> None:
    found = told(progress())
    assert (found.done, found.of, found.paused, found.needs) == (30, 100, False, None)
    assert found.lines == (
        "Closing jobs",
        "30 closed or cleared of our changes on each board, and read back",
        "5 asked for, and not proven yet",
        "2.5 jobs a second, about 0:00:28 left",
    )


def test_what_a_run_asks_and_whom_it_refused_is_told() -> None:
    problem = Problem(category=Category.CONFIGURATION, reason="No such customer.", remedy="Add it.")
    asked = Attention(reason="Refused.", category=Category.CREDENTIALS, remedy="Renew them.", since=AT)
    found = told(progress(paused=True, dry_run=True, attention=asked, refused=(Refusal(problem=problem, jobs=("1",)),)))
    assert found.needs == "Refused. Renew them."
    assert found.paused
    assert found.lines[0] == "A dry run: nothing is changed."
    assert found.lines[-1] == "Refused: No such customer. Add it."


def test_a_run_that_ended_says_what_became_of_the_jobs_and_who_asked() -> None:
    result = BulkResult(
        customer_id="1234",
        dry_run=False,
        by="Ana",
        reason="the client leaves",
        started_at=AT,
        ended_at=AT,
        counts={Fate.CLEARED: 3, Fate.REFUSED: 1},
        jobs={},
        refused=(),
    )
    assert told(result).lines == ("3 cleared, and read back as clear", "1 refused", "By Ana. the client leaves")


def test_a_comparison_says_what_it_found() -> None:
    seen = Reconciled(customer_id="1234", asked="portal search", posted=12, lifecycles=11, to_act=4, acted=1)
    assert told(seen).lines == (
        "12 jobs posted by iCIMS, 11 lifecycles",
        "Found: nothing is wrong",
        "1 of 4 told to lifecycles",
    )
    assert (told(seen).done, told(seen).of) == (1, 4)
    found = told(seen.model_copy(update={"counts": {Finding.MISSED_UNPOST: 2}, "notes": ("Indeed",), "to_act": 0}))
    assert found.lines[1:] == ("Found: 2 missed unpost", "Not compared: Indeed")
    assert told(Reconciled(customer_id="1234")) == Told(lines=("asking what it costs",))


def test_looks_after_closes_say_what_they_saw() -> None:
    seen = Rechecked(looked=9, found={Found.STILL_OFF: 8, Found.LIVE_AGAIN: 1}, put_off=2, reason="LinkedIn is away")
    assert told(seen).lines == ("9 looked at: 8 still off, 1 live again", "2 put off: LinkedIn is away")

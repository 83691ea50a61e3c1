"""Every test is dealt once, whatever there is; each process has a part of those that wait, none of which comes last."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.dealing import Kind, Module, dealt

MODULES = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(Kind)), max_size=60)


def modules_of(sizes: list[tuple[int, Kind]]) -> list[Module[tuple[int, int]]]:
    return [Module([(number, test) for test in range(size)], kind) for number, (size, kind) in enumerate(sizes)]


@given(MODULES, st.integers(1, 8))
def test_every_test_is_dealt_once_and_modules_stay_together(sizes: list[tuple[int, Kind]], processes: int) -> None:
    modules = modules_of(sizes)
    order = dealt(modules, processes)
    assert sorted(order) == [test for module in modules for test in module.tests]
    begun = [number for number, test in order if test == 0]
    assert order == [test for number in begun for test in modules[number].tests]


def test_each_process_has_its_part_of_those_that_wait_and_none_last_and_drills_come_one_after_the_other() -> None:
    modules = modules_of([(10, Kind.COMPUTES)] * 200 + [(10, Kind.WAITS)] * 32 + [(10, Kind.DRILLS)] * 8)
    order = dealt(modules, 4)
    drills = []
    for number in range(4):
        stretch = [modules[module].kind for module, _ in order[number * 600 : (number + 1) * 600]]
        assert stretch.count(Kind.WAITS) == 80
        assert 30 <= stretch[:300].count(Kind.WAITS) <= 50
        assert Kind.WAITS not in stretch[550:]
        assert stretch.count(Kind.DRILLS) == 20
        assert Kind.DRILLS not in stretch[450:]
        drills.append(stretch.index(Kind.DRILLS))
    assert drills == sorted(drills)
    assert len(set(drills)) == 4

"""A plan and its journeys are drawn from a seed, and from nothing else."""

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.chaos.journeys import BOTH, HINTS, INTENTS, Word, journey
from benchmarks.chaos.plan import CALM_AT_END, CALM_EVERY, CALM_FOR, STORE, Ability, Kind, lines, plan, processes
from models.states import Intent

ALL = frozenset(Ability)
ABLE = st.frozensets(st.sampled_from(Ability))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), able=ABLE)
def test_a_seed_gives_the_same_plan_again_and_another_one_another(seed: int, able: frozenset[Ability]) -> None:
    assert plan(seed, 120, able) == plan(seed, 120, able)
    assert plan(seed, 120, able) != plan(seed + 1, 120, able)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), able=ABLE, seconds=st.floats(10, 120))
def test_only_what_the_machine_can_do_is_planned_and_all_of_it_ends_in_time(
    seed: int, able: frozenset[Ability], seconds: float
) -> None:
    for step in plan(seed, seconds, able):
        assert step.at < seconds - CALM_AT_END
        assert step.at % CALM_EVERY < CALM_EVERY - CALM_FOR
        match step.kind:
            case Kind.KILL | Kind.PAUSE:
                assert step.target in processes(able)
            case Kind.CUT | Kind.HANG | Kind.DELAY:
                assert step.target in lines(able)
            case Kind.FULL:
                assert Ability.DISK in able
            case Kind.CLOCK:
                assert Ability.CLOCK in able
                assert step.by != 0


def test_a_long_plan_has_every_kind_of_fault_and_meets_every_part() -> None:
    steps = plan(1, 3600, ALL)
    assert {step.kind for step in steps} == set(Kind)
    for kind in (Kind.KILL, Kind.PAUSE):
        assert {step.target for step in steps if step.kind is kind} == set(processes(ALL))
    cut = {step.target for step in steps if step.kind in {Kind.CUT, Kind.HANG, Kind.DELAY}}
    assert cut == set(lines(ALL))


def test_a_store_in_a_file_is_no_process_and_has_no_line() -> None:
    able = ALL - {Ability.POSTGRESQL}
    assert STORE not in processes(able)
    assert not [each for each in lines(able) if STORE in each]


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), number=st.integers(0, 10_000))
def test_a_journey_is_drawn_again_and_ends_as_its_last_wish_says(seed: int, number: int) -> None:
    drawn = journey(seed, number, events=60)
    assert drawn == journey(seed, number, events=60)
    wishes = [act.word for act in drawn.acts if act.word in INTENTS]
    assert drawn.wanted is INTENTS[wishes[-1]]
    # A steady job is wanted posted from its first word on: what is said of it must arrive.
    assert not drawn.steady or set(wishes) == {Word.POST}


def test_journeys_say_every_word_and_end_either_way() -> None:
    drawn = [journey(1, number, events=60) for number in range(300)]
    acts = [act for each in drawn for act in each.acts]
    assert {act.word for act in acts} == set(Word)
    assert {act.gateway for act in acts} == {0, 1, BOTH}
    assert {act.together for act in acts} == {True, False}
    assert {each.wanted for each in drawn if not each.steady} == set(Intent)
    assert {act.word for each in drawn if each.steady for act in each.acts} >= set(HINTS)

"""The ledger in both databases: added once, signed, provable, also with many writers and when one is killed."""

import asyncio
from datetime import timedelta

import pytest

from store.database import Store
from store.ledger import checkpoint, merkle
from store.ledger.audit import audit
from store.ledger.ledger import Ledger, NotSigned
from store.ledger.notes import SigningKey
from store.ledger.verify import FaultKind, ProofFault, verify_file
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry

KEY = SigningKey("ledger.example.com", b"k" * 32)


async def test_a_receipt_is_added_once_and_found_again(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    assert await ledger.append(entry(1, clock())) == 0
    assert await ledger.append(entry(1, clock())) == 0
    assert await ledger.append_all([entry(number, clock()) for number in (2, 1, 3, 2)]) == [
        1,
        0,
        2,
        1,
    ]
    found = await ledger.receipts("1234", "1")
    assert [each.leaf for each in found] == [0]
    assert await ledger.receipt("1234", "9") is None


async def test_the_newest_receipt_of_a_job_comes_first(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    for run in range(3):
        await ledger.append(entry(7, clock()).model_copy(update={"run_id": f"run-{run}"}))
    assert [each.leaf for each in await ledger.receipts("1234", "7")] == [2, 1, 0]


async def test_every_receipt_is_proven_offline_under_the_newest_checkpoint(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    for number in range(21):
        await ledger.append(entry(number, clock()))
    for leaf in range(21):
        proof = await ledger.proof(leaf)
        assert proof is not None
        found = verify_file(proof.text().encode(), KEY.verifier)
        assert (found.leaf, found.checkpoint.size) == (leaf, 21)
        assert isinstance(found.receipt, dict)
        assert found.receipt["job_id"] == str(leaf)
    assert await ledger.proof(21) is None


async def test_the_tree_is_consistent_between_any_two_sizes(store: Store, clock: FakeClock) -> None:
    ledger, roots = Ledger(store, KEY, clock=clock), [merkle.EMPTY_ROOT]
    for number in range(17):
        await ledger.append(entry(number, clock()))
        note = await ledger.checkpoint()
        assert note is not None
        roots.append(checkpoint.read(note, KEY.verifier).root)
    for first in range(1, 18):
        for second in range(first, 18):
            path = await ledger.consistency(first, second)
            assert merkle.verify_consistency(first, second, roots[first], roots[second], path)


async def test_a_body_goes_after_its_time_and_everything_else_still_verifies(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    await ledger.append(entry(0, clock()))
    clock.forward(days=800)
    await ledger.append(entry(1, clock()))
    clock.forward(days=300)
    assert await ledger.keep(timedelta(days=3 * 365)) == 1
    assert await ledger.keep(timedelta(days=3 * 365)) == 0
    old, young = await ledger.proof(0), await ledger.proof(1)
    assert old is not None
    assert young is not None
    assert old.extra is None
    with pytest.raises(ProofFault) as fault:
        verify_file(old.text().encode(), KEY.verifier)
    assert fault.value.kind is FaultKind.REMOVED
    assert verify_file(young.text().encode(), KEY.verifier).leaf == 1
    walked = await audit(store, KEY.verifier)
    assert (walked.faults, walked.removed) == ((), 1)
    kept = await ledger.receipt("1234", "0")
    assert kept is not None
    assert (kept.body, kept.removed_at) == (None, clock())
    # The hash stays, so who has the receipt itself can still show that it was in the log.
    assert merkle.verify_inclusion(kept.leaf_hash, 0, 2, old.path, checkpoint.peek(old.checkpoint).root)


async def test_no_more_bodies_go_at_once_than_was_asked_for(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    await ledger.append_all([entry(number, clock()) for number in range(5)])
    clock.forward(days=2)
    removed = [await ledger.keep(timedelta(days=1), at_most=2) for _ in range(4)]
    assert removed == [2, 2, 1, 0]
    assert (await audit(store, KEY.verifier)).sound


async def test_without_a_key_receipts_are_kept_and_a_later_key_signs_them_all(store: Store, clock: FakeClock) -> None:
    keyless = Ledger(store, None, clock=clock)
    assert [await keyless.append(entry(number, clock())) for number in range(3)] == [0, 1, 2]
    with pytest.raises(NotSigned, match="ledger key new"):
        await keyless.proof(1)
    assert not await keyless.sign()
    found = await audit(store, KEY.verifier)
    assert [(fault.kind, fault.leaf) for fault in found.faults] == [(FaultKind.UNSIGNED, 0)]

    ledger = Ledger(store, KEY, clock=clock)
    assert await ledger.sign()
    assert not await ledger.sign()
    proof = await ledger.proof(1)
    assert proof is not None
    assert verify_file(proof.text().encode(), KEY.verifier).leaf == 1
    assert (await audit(store, KEY.verifier)).sound
    assert await ledger.append(entry(3, clock())) == 3
    assert (await audit(store, KEY.verifier)).sound


async def test_receipts_added_after_the_key_went_are_named_as_unsigned(store: Store, clock: FakeClock) -> None:
    await Ledger(store, KEY, clock=clock).append(entry(0, clock()))
    await Ledger(store, None, clock=clock).append(entry(1, clock()))
    found = await audit(store, KEY.verifier)
    assert [(fault.kind, fault.leaf) for fault in found.faults] == [(FaultKind.UNSIGNED, 1)]


async def test_many_at_once_each_get_a_leaf_of_their_own(store_url: str, clock: FakeClock) -> None:
    async with Store(store_url, timeout=60) as one, Store(store_url, timeout=60) as other:
        ledgers = [Ledger(one, KEY, clock=clock), Ledger(other, KEY, clock=clock)]
        leaves = await asyncio.gather(
            *(ledgers[number % 2].append(entry(number // 2, clock())) for number in range(40))
        )
        assert leaves[::2] == leaves[1::2]
        assert sorted(leaves[::2]) == list(range(20))


async def test_receipts_that_come_at_once_go_under_few_checkpoints(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    leaves = await asyncio.gather(*(ledger.append(entry(number, clock())) for number in range(60)))
    assert sorted(leaves) == list(range(60))
    found = await audit(store, KEY.verifier)
    assert (found.sound, found.entries) == (True, 60)
    assert found.checkpoints <= 3


async def test_one_who_gives_up_waiting_takes_nobody_else_s_receipt_away(store: Store, clock: FakeClock) -> None:
    ledger = Ledger(store, KEY, clock=clock)
    waiting = [asyncio.create_task(ledger.append(entry(number, clock()))) for number in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert sorted(await asyncio.gather(*waiting[1:])) == [1, 2]


async def test_a_store_that_is_away_is_told_to_everyone_who_waits(clock: FakeClock) -> None:
    async with Store("postgresql://u@127.0.0.1:1/x", timeout=2) as store:
        ledger = Ledger(store, KEY, clock=clock)
        waiting = await asyncio.gather(
            *(ledger.append(entry(number, clock())) for number in range(5)), return_exceptions=True
        )
    assert [getattr(each, "reason", None) for each in waiting] == ["away"] * 5

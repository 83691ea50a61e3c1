"""Whatever is done to a ledger behind its back is named."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import delete, insert, select, text, update

from activities.stored import verifier_keys
from config.store import Ledger as LedgerSection
from store.database import Store
from store.ledger import checkpoint, merkle
from store.ledger.audit import Audit, audit
from store.ledger.ledger import Ledger
from store.ledger.merkle import Frontier
from store.ledger.notes import SigningKey
from store.ledger.tree import LedgerDamaged
from store.ledger.verify import FaultKind
from store.schema import checkpoints, nodes, receipts
from tests.support.settings import sandbox_settings
from tests.unit.store.conftest import FakeClock
from tests.unit.store.entries import entry

KEY = SigningKey("ledger.example.com", b"k" * 32)
OTHER = SigningKey("ledger.example.com", b"o" * 32)
SIZE = 11

Damage = Callable[[Store], Awaitable[None]]


@pytest.fixture
async def ledger(store: Store, clock: FakeClock) -> Ledger:
    opened = Ledger(store, KEY, clock=clock)
    for number in range(SIZE):
        await opened.append(entry(number, clock()))
    return opened


def kinds(found: Audit) -> set[FaultKind]:
    return {fault.kind for fault in found.faults}


async def run(store: Store, *statements: str) -> None:
    async with store.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def move(store: Store, leaf: int, to: int) -> None:
    async with store.writing() as connection:
        await connection.execute(update(receipts).where(receipts.c.leaf == leaf).values(leaf=to))


async def rebuild_tree(store: Store) -> None:
    """Do what somebody does who rewrites the past and knows how the tree is kept, but has no key."""
    async with store.writing() as connection:
        rows = await connection.execute(select(receipts.c.leaf, receipts.c.body).order_by(receipts.c.leaf))
        edge = Frontier()
        made: dict[merkle.Node, bytes] = {}
        for leaf, body in rows.all():
            digest = merkle.leaf_hash(body)
            await connection.execute(update(receipts).where(receipts.c.leaf == leaf).values(leaf_hash=digest))
            made |= edge.add(digest)
        await connection.execute(delete(nodes))
        await connection.execute(
            insert(nodes), [{"level": n[0], "position": n[1], "hash": digest} for n, digest in made.items()]
        )


async def change_a_byte(store: Store, leaf: int = 4) -> None:
    async with store.writing() as connection:
        body = await connection.scalar(select(receipts.c.body).where(receipts.c.leaf == leaf))
        assert body is not None
        await connection.execute(
            update(receipts).where(receipts.c.leaf == leaf).values(body=body.replace(b"closed", b"clOsed"))
        )


async def remove(store: Store) -> None:
    await run(store, "DELETE FROM receipts WHERE leaf = 4")


async def remove_and_move_up(store: Store) -> None:
    await remove(store)
    for leaf in range(5, SIZE):
        await move(store, leaf, leaf - 1)


async def swap(store: Store) -> None:
    await move(store, 3, 99)
    await move(store, 7, 3)
    await move(store, 99, 7)


async def double(store: Store, at: int = SIZE) -> None:
    async with store.writing() as connection:
        row = (await connection.execute(select(receipts).where(receipts.c.leaf == 2))).mappings().one()
        await connection.execute(insert(receipts).values(dict(row) | {"leaf": at, "run_id": "another"}))


async def put_a_copy_between(store: Store) -> None:
    for leaf in reversed(range(6, SIZE)):
        await move(store, leaf, leaf + 1)
    await double(store, at=6)


def rewritten(damage: Damage) -> Damage:
    async def both(store: Store) -> None:
        await damage(store)
        await rebuild_tree(store)

    return both


async def change_a_node(store: Store) -> None:
    async with store.writing() as connection:
        await connection.execute(
            update(nodes).where(nodes.c.level == 1, nodes.c.position == 2).values(hash=b"\x00" * 32)
        )


async def file_under_another_job(store: Store) -> None:
    await run(store, "UPDATE receipts SET job_id = '999' WHERE leaf = 4")


async def replace_note(store: Store, note: str, size: int = 6) -> None:
    root = checkpoint.peek(note).root
    async with store.writing() as connection:
        await connection.execute(
            update(checkpoints).where(checkpoints.c.tree_size == size).values(note=note, root_hash=root)
        )


async def sign_another_tree(store: Store) -> None:
    await replace_note(store, checkpoint.sign(KEY, 6, b"\x01" * 32))


async def sign_with_another_key(store: Store) -> None:
    async with store.reading() as connection:
        root = await connection.scalar(select(checkpoints.c.root_hash).where(checkpoints.c.tree_size == 6))
    assert root is not None
    await replace_note(store, checkpoint.sign(OTHER, 6, root))


async def change_a_note(store: Store) -> None:
    async with store.reading() as connection:
        note = await connection.scalar(select(checkpoints.c.note).where(checkpoints.c.tree_size == 6))
    assert note is not None
    await replace_note(store, note.replace("\n6\n", "\n7\n"))


async def cut_a_note(store: Store) -> None:
    await run(store, "UPDATE checkpoints SET note = substr(note, 1, 60) WHERE tree_size = 6")


async def remove_the_newest_checkpoint(store: Store) -> None:
    await run(store, "DELETE FROM checkpoints WHERE tree_size > 10")


async def empty_a_body(store: Store) -> None:
    await run(store, "UPDATE receipts SET body = NULL WHERE leaf = 4")


DAMAGE: list[tuple[Damage, FaultKind]] = [
    (change_a_byte, FaultKind.CHANGED),
    (remove, FaultKind.REMOVED),
    (remove_and_move_up, FaultKind.REMOVED),
    (swap, FaultKind.REORDERED),
    (double, FaultKind.DOUBLED),
    (put_a_copy_between, FaultKind.DOUBLED),
    (rewritten(change_a_byte), FaultKind.CHANGED),
    (rewritten(remove_and_move_up), FaultKind.REMOVED),
    (rewritten(swap), FaultKind.REORDERED),
    (rewritten(put_a_copy_between), FaultKind.DOUBLED),
    (change_a_node, FaultKind.CHANGED),
    (file_under_another_job, FaultKind.CHANGED),
    (sign_another_tree, FaultKind.FORKED),
    (sign_with_another_key, FaultKind.WRONG_KEY),
    (change_a_note, FaultKind.BAD_SIGNATURE),
    (cut_a_note, FaultKind.TRUNCATED),
    (remove_the_newest_checkpoint, FaultKind.UNSIGNED),
    (empty_a_body, FaultKind.REMOVED),
]


async def test_a_sound_ledger_has_no_fault(store: Store, ledger: Ledger) -> None:
    found = await audit(store, KEY.verifier)
    assert found == Audit(SIZE, SIZE, 0, ())


async def test_an_empty_ledger_has_no_fault(store: Store) -> None:
    assert await audit(store, KEY.verifier) == Audit(0, 0, 0, ())


@pytest.mark.parametrize(
    ("damage", "kind"), DAMAGE, ids=[f"{number}-{kind}" for number, (_, kind) in enumerate(DAMAGE)]
)
async def test_what_was_done_is_named(store: Store, ledger: Ledger, damage: Damage, kind: FaultKind) -> None:
    await damage(store)
    found = await audit(store, KEY.verifier)
    assert not found.sound
    assert kind in kinds(found), found.faults


async def test_an_old_copy_put_back_shows_against_a_published_checkpoint(store: Store, ledger: Ledger) -> None:
    note = await ledger.checkpoint()
    assert note is not None
    await run(store, "DELETE FROM receipts WHERE leaf >= 8", "DELETE FROM checkpoints WHERE tree_size > 8")
    await run(store, "DELETE FROM nodes WHERE (position + 1) * (1 << level) > 8")
    assert (await audit(store, KEY.verifier)).sound
    assert kinds(await audit(store, KEY.verifier, published=[note])) == {FaultKind.TRUNCATED}


async def test_a_past_rewritten_with_the_key_shows_against_a_published_checkpoint(
    store: Store, ledger: Ledger, clock: FakeClock
) -> None:
    note = await ledger.checkpoint()
    assert note is not None
    await run(store, "DELETE FROM receipts", "DELETE FROM closes", "DELETE FROM nodes", "DELETE FROM checkpoints")
    for number in range(SIZE):
        await ledger.append(entry(number, clock(), customer="4321"))
    assert (await audit(store, KEY.verifier)).sound
    assert kinds(await audit(store, KEY.verifier, published=[note])) == {FaultKind.FORKED}


async def test_nothing_is_signed_over_a_damaged_tree(store: Store, ledger: Ledger, clock: FakeClock) -> None:
    async with store.writing() as connection:
        await connection.execute(update(nodes).where(nodes.c.level == 3).values(hash=b"\x00" * 32))
    with pytest.raises(LedgerDamaged, match="ledger verify"):
        await ledger.append(entry(50, clock()))
    assert await ledger.receipt("1234", "50") is None


async def test_a_key_that_was_changed_leaves_the_past_verified(store: Store, ledger: Ledger, clock: FakeClock) -> None:
    raw = {"key": OTHER.text(), "previous_keys": [str(KEY.verifier)]}
    plain = sandbox_settings(dict.fromkeys(("icims", "linkedin", "indeed"), "http://127.0.0.1:9"))
    settings = plain.model_copy(update={"ledger": LedgerSection.model_validate(raw)})
    await Ledger(store, OTHER, clock=clock).append(entry(SIZE, clock()))
    assert (await audit(store, *verifier_keys(settings))).sound
    assert kinds(await audit(store, OTHER.verifier)) == {FaultKind.WRONG_KEY}

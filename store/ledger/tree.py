"""The tree's nodes in the database: read by their numbers, a few at a time."""

from collections.abc import Collection, Mapping

from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from store.ledger import merkle
from store.ledger.merkle import Frontier, Node, Range
from store.schema import checkpoints, nodes


class LedgerDamaged(Exception):  # noqa: N818 - it names a state
    """The ledger does not fit its own last checkpoint; nothing is added to it. Run `boardsync ledger verify`."""


async def read_nodes(connection: AsyncConnection, wanted: Collection[Node]) -> dict[Node, bytes]:
    """Return the hashes of these nodes.

    Raises:
        LedgerDamaged: One is missing.
    """
    if not wanted:
        return {}
    rows = await connection.execute(
        select(nodes.c.level, nodes.c.position, nodes.c.hash).where(
            tuple_(nodes.c.level, nodes.c.position).in_(sorted(wanted))
        )
    )
    found = {(level, position): digest for level, position, digest in rows}
    if len(found) != len(set(wanted)):
        raise LedgerDamaged("A node of the ledger's tree is missing. Run `boardsync ledger verify`.")
    return found


async def write_nodes(connection: AsyncConnection, made: Mapping[Node, bytes]) -> None:
    """Add nodes that became complete."""
    await connection.execute(
        insert(nodes),
        [{"level": level, "position": position, "hash": digest} for (level, position), digest in made.items()],
    )


async def frontier(connection: AsyncConnection) -> Frontier:
    """Return the right edge of the tree as it was last signed.

    Raises:
        LedgerDamaged: The nodes no longer lead to the root that was signed. To sign more would hide it.
    """
    last = (
        await connection.execute(
            select(checkpoints.c.tree_size, checkpoints.c.root_hash).order_by(checkpoints.c.tree_size.desc()).limit(1)
        )
    ).first()
    if last is None:
        return Frontier()
    edge = merkle.nodes_of((0, last.tree_size))
    hashes = await read_nodes(connection, edge)
    found = Frontier(last.tree_size, [hashes[node] for node in edge])
    if found.root() != last.root_hash:
        raise LedgerDamaged("The ledger's tree does not have the root that was signed. Run `boardsync ledger verify`.")
    return found


async def hashes_of(connection: AsyncConnection, ranges: list[Range]) -> tuple[bytes, ...]:
    """Return the hash over each of these ranges of leaves.

    Raises:
        LedgerDamaged: A node is missing.
    """
    found = await read_nodes(connection, merkle.nodes_for(ranges))
    return tuple(merkle.range_hash(leaves, found) for leaves in ranges)

"""The tree against RFC 9162's own examples, the vectors of the field, and its definition."""

from hypothesis import given
from hypothesis import strategies as st

from store.ledger import merkle

# https://github.com/transparency-dev/merkle, testonly/constants.go: what CT's implementations are tried with
LEAVES = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree_hash(hashes: list[bytes]) -> bytes:
    """Hash as the RFC defines it, the whole tree anew."""
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    middle = 1
    while middle * 2 < len(hashes):
        middle *= 2
    return merkle.node_hash(tree_hash(hashes[:middle]), tree_hash(hashes[middle:]))


def grown(size: int) -> tuple[list[bytes], dict[merkle.Node, bytes], list[bytes]]:
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    edge, roots = merkle.Frontier(), [merkle.EMPTY_ROOT]
    nodes: dict[merkle.Node, bytes] = {}
    for leaf in leaves:
        nodes |= edge.add(leaf)
        roots.append(edge.root())
    return leaves, nodes, roots


def test_the_roots_are_those_of_the_shared_vectors() -> None:
    edge = merkle.Frontier()
    assert edge.root().hex() == ROOTS[0]
    for leaf, root in zip(LEAVES, ROOTS[1:], strict=True):
        edge.add(merkle.leaf_hash(leaf))
        assert edge.root().hex() == root


def test_the_inclusion_paths_are_those_of_the_rfc_s_example() -> None:
    # https://www.rfc-editor.org/rfc/rfc9162#section-2.1.5, a tree of seven leaves
    assert merkle.inclusion_ranges(0, 7) == [(1, 2), (2, 4), (4, 7)]  # b, h, l
    assert merkle.inclusion_ranges(3, 7) == [(2, 3), (0, 2), (4, 7)]  # c, g, l
    assert merkle.inclusion_ranges(4, 7) == [(5, 6), (6, 7), (0, 4)]  # f, j, k
    assert merkle.inclusion_ranges(6, 7) == [(4, 6), (0, 4)]  # i, k


def test_the_consistency_paths_are_those_of_the_rfc_s_example() -> None:
    assert merkle.consistency_ranges(3, 7) == [(2, 3), (3, 4), (0, 2), (4, 7)]  # c, d, g, l
    assert merkle.consistency_ranges(4, 7) == [(4, 7)]  # l
    assert merkle.consistency_ranges(6, 7) == [(4, 6), (6, 7), (0, 4)]  # i, j, k


def test_every_proof_of_every_small_tree_verifies() -> None:
    leaves, nodes, roots = grown(40)
    for size in range(41):
        assert roots[size] == tree_hash(leaves[:size])
        for index in range(size):
            path = [merkle.range_hash(each, nodes) for each in merkle.inclusion_ranges(index, size)]
            assert merkle.verify_inclusion(leaves[index], index, size, path, roots[size])
        for first in range(1, size + 1):
            path = [merkle.range_hash(each, nodes) for each in merkle.consistency_ranges(first, size)]
            assert merkle.verify_consistency(first, size, roots[first], roots[size], path)


@given(st.data())
def test_no_changed_proof_verifies(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 200))
    leaves, nodes, roots = grown(size)
    index = data.draw(st.integers(0, size - 1))
    path = [merkle.range_hash(each, nodes) for each in merkle.inclusion_ranges(index, size)]
    at = data.draw(st.integers(0, len(path) - 1))
    flipped = bytes([path[at][0] ^ 1]) + path[at][1:]
    for changed in (
        [*path[:at], flipped, *path[at + 1 :]],
        path[:at] + path[at + 1 :],
        [*path[:at], path[at], *path[at:]],
        [*path, merkle.EMPTY_ROOT],
    ):
        assert not merkle.verify_inclusion(leaves[index], index, size, changed, roots[size])
    assert not merkle.verify_inclusion(leaves[index - 1], index, size, path, roots[size])
    assert not merkle.verify_inclusion(leaves[index], index, size, path, roots[size - 1])


@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 9))
def test_no_changed_past_is_consistent(one: int, other: int, at: int) -> None:
    first, second = sorted((one, other))
    _, nodes, roots = grown(second)
    path = [merkle.range_hash(each, nodes) for each in merkle.consistency_ranges(first, second)]
    another_past = merkle.leaf_hash(b"another past")
    assert not merkle.verify_consistency(first, second, another_past, roots[second], path)
    assert not merkle.verify_consistency(first, second, roots[first], another_past, path)
    if path:
        at %= len(path)
        assert not merkle.verify_consistency(first, second, roots[first], roots[second], path[:at] + path[at + 1 :])


@given(st.integers(0, 5000))
def test_an_edge_is_taken_up_where_it_was_left(size: int) -> None:
    leaf = merkle.leaf_hash(b"x")
    edge = merkle.Frontier()
    nodes: dict[merkle.Node, bytes] = {}
    for _ in range(size % 300):
        nodes |= edge.add(leaf)
    taken_up = merkle.Frontier(edge.size, [nodes[node] for node in merkle.nodes_of((0, edge.size))])
    assert taken_up.root() == edge.root()
    assert taken_up.add(leaf) == edge.add(leaf)

"""A proof file verifies by itself, and whatever is done to it is named."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from store.ledger import checkpoint, merkle, proof
from store.ledger.canonical import NotCanonicalError, canonical, parsed
from store.ledger.merkle import Frontier
from store.ledger.notes import SigningKey
from store.ledger.proof import Proof
from store.ledger.verify import FaultKind, ProofFault, verify_file

KEY = SigningKey("ledger.example.com", b"k" * 32)
SIZE = 23


def make(leaf: int = 9, size: int = SIZE) -> Proof:
    bodies = [canonical({"job_id": str(number)}) for number in range(size)]
    edge = Frontier()
    nodes: dict[merkle.Node, bytes] = {}
    for body in bodies:
        nodes |= edge.add(merkle.leaf_hash(body))
    path = tuple(merkle.range_hash(each, nodes) for each in merkle.inclusion_ranges(leaf, size))
    return Proof(bodies[leaf], leaf, path, checkpoint.sign(KEY, size, edge.root()))


def fault(content: str | bytes, **more: Any) -> FaultKind:
    with pytest.raises(ProofFault) as found:
        verify_file(content if isinstance(content, bytes) else content.encode(), KEY.verifier, **more)
    assert str(found.value).endswith(".")
    return found.value.kind


def test_the_file_has_the_form_of_c2sp() -> None:
    made = make()
    lines = made.text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1] == "extra " + base64.b64encode(b'{"job_id":"9"}').decode()
    assert lines[2] == "index 9"
    assert [base64.b64decode(line) for line in lines[3 : 3 + len(made.path)]] == list(made.path)
    assert lines[3 + len(made.path)] == ""
    assert made.text().endswith(made.checkpoint)
    assert proof.parse(made.text()) == made


def test_a_sound_file_proves_its_receipt() -> None:
    found = verify_file(make().text().encode(), KEY.verifier)
    assert (found.receipt, found.leaf, found.checkpoint.size) == ({"job_id": "9"}, 9, SIZE)


def test_the_only_entry_of_a_log_has_a_path_of_no_lines() -> None:
    assert verify_file(make(0, 1).text().encode(), KEY.verifier).leaf == 0


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_byte_goes_unseen(at: int, change: int) -> None:
    content = make().text().encode()
    at %= len(content)
    fault(content[:at] + bytes([content[at] ^ change]) + content[at + 1 :])


@given(st.integers(0, 10_000))
def test_no_cut_file_goes_unseen(at: int) -> None:
    content = make().text().encode()
    assert fault(content[: at % len(content)]) is FaultKind.TRUNCATED


def test_what_was_done_to_a_file_is_named() -> None:
    made = make()
    path, text = made.path, made.text()
    assert fault(made._replace(extra=b'{"job_id":"8"}').text()) is FaultKind.CHANGED
    assert fault(made._replace(extra=b'{"job_id": "9"}').text()) is FaultKind.CHANGED
    assert fault(made._replace(leaf=8).text()) is FaultKind.CHANGED
    assert fault(made._replace(leaf=SIZE).text()) is FaultKind.CHANGED
    assert fault(made._replace(path=path[1:]).text()) is FaultKind.REMOVED
    assert fault(made._replace(path=(path[0], *path)).text()) is FaultKind.DOUBLED
    assert fault(made._replace(path=(path[1], path[0], *path[2:])).text()) is FaultKind.REORDERED
    assert fault(made._replace(path=(bytes(32), *path[1:])).text()) is FaultKind.CHANGED
    assert fault(made._replace(extra=None).text()) is FaultKind.REMOVED
    assert fault(text.replace(f"\n{SIZE}\n", f"\n{SIZE + 1}\n")) is FaultKind.BAD_SIGNATURE
    assert fault(text[:40]) is FaultKind.TRUNCATED
    assert fault(text[:-2]) is FaultKind.TRUNCATED
    assert fault(text.partition("\n\n")[0]) is FaultKind.TRUNCATED
    assert fault("") is FaultKind.TRUNCATED
    assert fault(b"\xff\xfe") is FaultKind.UNREADABLE
    assert fault("%PDF-1.7\n\n") is FaultKind.UNREADABLE


def test_a_wrong_key_is_named() -> None:
    other = SigningKey("ledger.example.com", b"o" * 32)
    with pytest.raises(ProofFault) as found:
        verify_file(make().text().encode(), other.verifier)
    assert found.value.kind is FaultKind.WRONG_KEY


def test_a_forked_log_is_named_against_a_checkpoint_seen_elsewhere() -> None:
    assert fault(make().text(), published=(checkpoint.sign(KEY, SIZE, b"x" * 32),)) is FaultKind.FORKED
    verify_file(make().text().encode(), KEY.verifier, published=(make().checkpoint, checkpoint.sign(KEY, 4, b"x" * 32)))


def test_canonical_json_is_that_of_the_rfc_s_example() -> None:
    # https://www.rfc-editor.org/rfc/rfc8785#section-3.2.2 and 3.2.3
    value: JsonValue = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_every_value_has_a_canonical_form_that_is_its_own(value: JsonValue) -> None:
    body = canonical(value)
    assert canonical(parsed(body)) == body


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"b":1,"a":2}', b'{"a":1, "b":2}', b'{"a":1,"a":1}', b"1.0", b"1e5", b"NaN", b'"\xff"', b"9" * 5000],
)
def test_what_is_not_canonical_is_told(body: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parsed(body)

"""Signed notes, keys and checkpoints against C2SP's own examples."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger import checkpoint
from store.ledger.notes import BadSignatureError, NoteError, SigningKey, VerifierKey, WrongKeyError, opened, split

# https://c2sp.org/signed-note, "Example"
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ER"
    "YNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# https://c2sp.org/signed-note, the first note: its text holds an empty line
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n"
    "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaq"
    "P3ZekRwNtIc=\n"
)
# https://c2sp.org/tlog-checkpoint
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+"
    "xeMcTOAYQ8=\n"
)
# https://pkg.go.dev/golang.org/x/mod/sumdb/note, "Signing"
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

KEY = SigningKey("ledger.example.com", b"k" * 32)


def test_c2sp_s_example_verifies_with_its_key() -> None:
    key = VerifierKey.parse(EXAMPLE_KEY)
    assert opened(EXAMPLE, key) == "This is an example message.\n"
    assert str(key) == EXAMPLE_KEY


def test_a_text_with_empty_lines_ends_at_the_last_one() -> None:
    text, signatures = split(POEM)
    assert text.endswith("ed è subito sera.\n")
    assert [each.name for each in signatures] == ["quasimodo.example/salvatore"]


def test_c2sp_s_checkpoint_is_read_and_written_alike() -> None:
    found = checkpoint.peek(SOFA)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert SOFA.startswith(found.text() + "\n")


def test_go_s_private_key_has_go_s_public_key() -> None:
    key = SigningKey.parse(GO_PRIVATE)
    assert str(key.verifier) == GO_PUBLIC
    assert key.text() == GO_PRIVATE
    assert GO_PRIVATE[-20:] not in repr(key)


def test_a_new_key_signs_what_its_public_key_verifies() -> None:
    key = SigningKey.new("ledger.example.com")
    again = SigningKey.parse(key.text())
    assert opened(again.sign("hello\n"), VerifierKey.parse(str(key.verifier))) == "hello\n"


def test_signatures_of_others_are_ignored() -> None:
    note = KEY.sign("hello\n") + SigningKey("witness.example.com", b"w" * 32).sign("hello\n").rpartition("\n\n")[2]
    assert opened(note, KEY.verifier) == "hello\n"


def test_another_key_of_the_same_name_is_a_wrong_key() -> None:
    other = SigningKey("ledger.example.com", b"o" * 32).verifier
    with pytest.raises(WrongKeyError, match=KEY.verifier.key_id.hex()):
        opened(KEY.sign("hello\n"), other)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_changed_note_verifies(at: int, change: int) -> None:
    note = checkpoint.sign(KEY, 7, b"r" * 32).encode()
    at %= len(note)
    changed = note[:at] + bytes([note[at] ^ change]) + note[at + 1 :]
    with pytest.raises((NoteError, UnicodeDecodeError)):
        checkpoint.read(changed.decode(), KEY.verifier)


@given(st.integers(0, 10_000))
def test_no_cut_note_verifies(at: int) -> None:
    note = checkpoint.sign(KEY, 7, b"r" * 32)
    with pytest.raises(NoteError):
        checkpoint.read(note[: at % len(note)], KEY.verifier)


@pytest.mark.parametrize(
    "text",
    ["", "x", "a+b+c", EXAMPLE_KEY[:-4], EXAMPLE_KEY.replace("530d903a", "530d903b"), "sp ace+530d903a+AekyeRrm56hA"],
)
def test_what_is_no_key_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_a_private_key_s_error_holds_nothing_of_it() -> None:
    with pytest.raises(NoteError) as error:
        SigningKey.parse(GO_PRIVATE.replace("c74f20a3", "c74f20a4"))
    assert "AYEKFAL" not in str(error.value)


@pytest.mark.parametrize("size", ["-1", "+1", "01", " 1", "1_0", "\u0661", "", "9" * 30])
def test_a_size_has_one_spelling(size: str) -> None:
    root = base64.b64encode(b"r" * 32).decode()
    with pytest.raises(NoteError):
        checkpoint.read(KEY.sign(f"ledger.example.com\n{size}\n{root}\n"), KEY.verifier)


def test_a_signature_that_does_not_fit_is_a_bad_one() -> None:
    with pytest.raises(BadSignatureError):
        opened(KEY.sign("hello\n").replace("hello", "hellp"), KEY.verifier)

"""Payloads: encrypted under the newest key, read with any, and never a reason to lose something."""

import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.common import RawValue
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from models.problems import Category
from runtime.encryption import DAMAGED, ENCRYPTED, EncryptionCodec, Undecryptable, converter_for, key_id
from runtime.failures import ENCODED
from tests.support.encryption import NEW, OLD, temporal_with

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"title":"Nurse"}')


def converter(*keys: bytes, encrypt: bool = True) -> DataConverter:
    return converter_for(temporal_with(*keys).model_copy(update={"encrypt": encrypt}))


async def sealed(codec: EncryptionCodec, payload: Payload = PLAIN) -> Payload:
    (result,) = await codec.encode([payload])
    return result


async def opened(codec: EncryptionCodec, payload: Payload) -> Payload:
    (result,) = await codec.decode([payload])
    return result


async def test_nothing_of_a_payload_stays_readable_but_its_keys_name() -> None:
    payload = await sealed(EncryptionCodec([NEW, OLD]))
    assert dict(payload.metadata) == {"encoding": ENCRYPTED, "encryption-key-id": key_id(NEW).encode()}
    assert b"Nurse" not in payload.data
    assert b"json" not in payload.data
    assert payload != await sealed(EncryptionCodec([NEW, OLD])), "a nonce must be new each time"


async def test_a_rotated_key_still_reads_and_a_removed_one_says_what_to_do() -> None:
    before = await sealed(EncryptionCodec([OLD]))
    assert await opened(EncryptionCodec([NEW, OLD]), before) == PLAIN
    with pytest.raises(Undecryptable) as error:
        await opened(EncryptionCodec([NEW]), before)
    said = str(error.value)
    assert key_id(OLD) in said
    assert key_id(NEW) in said
    assert "nothing is lost" in said
    assert "encryption_keys" in said
    with pytest.raises(Undecryptable, match="configured: none"):
        await opened(EncryptionCodec(), before)


async def test_keys_that_do_not_encrypt_yet_read_already() -> None:
    reader = EncryptionCodec([NEW], encrypting=False)
    assert await sealed(reader) == PLAIN
    assert await opened(reader, await sealed(EncryptionCodec([NEW]))) == PLAIN


async def test_what_was_written_in_the_clear_is_read_as_it_is() -> None:
    assert await opened(EncryptionCodec([NEW]), PLAIN) == PLAIN


@pytest.mark.parametrize("place", [0, 11, 12, -1])
async def test_a_changed_payload_is_handed_on_unread(place: int) -> None:
    payload = await sealed(EncryptionCodec([NEW]))
    data = bytearray(payload.data)
    data[place] ^= 1
    changed = Payload(metadata=payload.metadata, data=bytes(data))
    assert (await opened(EncryptionCodec([NEW]), changed)).metadata["encoding"] == DAMAGED


@pytest.mark.parametrize("name", [b"", b"short", b"\xff" * 8, b"ABCDEF01", b"0" * 5000])
async def test_a_name_that_is_no_keys_does_not_hold_a_lifecycle_up(name: bytes) -> None:
    foreign = Payload(metadata={"encoding": ENCRYPTED, "encryption-key-id": name}, data=b"x")
    converted = converter(NEW)
    (value,) = await converted.decode([foreign])
    assert isinstance(value, RawValue)


async def test_a_payload_cannot_pass_for_one_under_another_key() -> None:
    payload = await sealed(EncryptionCodec([OLD]))
    swapped = Payload(metadata={**payload.metadata, "encryption-key-id": key_id(NEW).encode()}, data=payload.data)
    assert (await opened(EncryptionCodec([NEW, OLD]), swapped)).metadata["encoding"] == DAMAGED


def raised() -> ApplicationError:
    try:
        try:
            raise ValueError("jane@example.com is unknown")  # noqa: TRY301 -- it is to have a trace
        except ValueError as cause:
            raise ApplicationError("Indeed refuses it", {"category": "refused"}, type=Category.REFUSED) from cause
    except ApplicationError as error:
        return error


def texts(failure: Failure) -> str:
    return str(failure)


async def test_a_failures_words_are_encrypted_and_its_kind_is_not() -> None:
    converted, failure = converter(NEW), Failure()
    await converted.encode_failure(raised(), failure)
    assert failure.application_failure_info.type == Category.REFUSED
    assert failure.message == failure.cause.message == ENCODED
    for secret in ("Indeed refuses", "jane@example.com", "Traceback", "test_encryption"):
        assert secret not in texts(failure)
    read: Any = await converted.decode_failure(failure)
    assert str(read) == "refused: Indeed refuses it"
    assert "jane@example.com" in str(read.cause)


async def test_a_failure_that_is_passed_on_is_encrypted_again() -> None:
    plain, converted = converter(), converter(NEW)
    first = Failure()
    await plain.encode_failure(raised(), first)
    assert first.message == "Indeed refuses it"
    for error in (await plain.decode_failure(first), await converted.decode_failure(first)):
        again = Failure()
        await converted.encode_failure(error, again)
        assert "jane@example.com" not in texts(again)
        assert "Indeed refuses" not in texts(again)
        assert str(await converted.decode_failure(again)) == "refused: Indeed refuses it"


async def test_a_speaking_failure_has_no_trace_encrypted_or_not() -> None:
    failure = Failure()
    await converter(NEW).encode_failure(raised(), failure)
    codec = EncryptionCodec([NEW])
    words = json.loads((await opened(codec, failure.encoded_attributes)).data)
    assert words == {"message": "Indeed refuses it", "stack_trace": ""}

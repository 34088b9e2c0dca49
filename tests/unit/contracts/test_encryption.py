"""Private data: readable by the one service whose keys it is sealed for, also while keys are rotated."""

from pathlib import Path

import pytest

from concord_contracts import BadMessage, Codec, Keyrings, new_event
from concord_contracts.encryption import RECIPIENTS, new_key, variable
from concord_contracts.errors import KeysMissing

from .samples import AT
from .test_envelope import CONTACT

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()
NOTIFICATION = variable("notification")


def codec(*keys: str) -> Codec:
    return Codec(Keyrings.from_env({NOTIFICATION: ",".join(keys)}))


def sealed_by(*keys: str) -> bytes:
    return codec(*keys).encode(new_event(CONTACT, sequence=3, time=AT)).body


def test_while_keys_are_rotated_old_messages_open_and_new_ones_use_the_new_key() -> None:
    assert codec(NEW, OLD).decode(sealed_by(OLD)).data == CONTACT
    assert codec(NEW).decode(sealed_by(NEW, OLD)).data == CONTACT
    with pytest.raises(BadMessage):
        codec(OLD).decode(sealed_by(NEW, OLD))


def test_a_key_that_does_not_fit_is_a_bad_message() -> None:
    with pytest.raises(BadMessage, match="cannot be decrypted"):
        codec(FOREIGN).decode(sealed_by(NEW))


def test_a_service_without_the_recipients_keys_cannot_read() -> None:
    other = Codec(Keyrings.from_env({variable("routing"): NEW}))
    with pytest.raises(BadMessage, match="encrypted for notification"):
        other.decode(sealed_by(NEW))


def test_a_service_without_the_recipients_keys_cannot_write() -> None:
    with pytest.raises(KeysMissing, match=NOTIFICATION):
        Codec(Keyrings({})).encode(new_event(CONTACT, sequence=3, time=AT))


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "ñ", "\u0000", "🙂" * 100])
def test_a_broken_token_is_a_bad_message(token: str) -> None:
    with pytest.raises(BadMessage):
        Keyrings.from_env({NOTIFICATION: NEW}).open("notification", token)


def test_clear_data_in_a_private_message_is_refused() -> None:
    body = sealed_by(NEW).replace(b'"data":"', b'"data":{},"was":"')
    with pytest.raises(BadMessage, match="must be an encrypted text"):
        codec(NEW).decode(body)


def test_a_token_of_another_type_does_not_pass_for_this_one() -> None:
    """What opens must still keep the contract of the type the envelope names."""
    token = Keyrings.from_env({NOTIFICATION: NEW}).seal("notification", b"[1, 2]")
    body = sealed_by(NEW)
    start = body.index(b'"data":"') + len(b'"data":"')
    with pytest.raises(BadMessage, match="schema"):
        codec(NEW).decode(body[:start] + token.encode() + b'"}')


def test_two_seals_of_the_same_data_differ() -> None:
    keyrings = Keyrings.from_env({NOTIFICATION: NEW})
    assert keyrings.seal("notification", b"same") != keyrings.seal("notification", b"same")


def test_keys_come_from_a_file_too(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"{NEW}\n{OLD}\n")
    from_file = Codec(Keyrings.from_env({f"{NOTIFICATION}_FILE": str(file)}))
    assert from_file.decode(sealed_by(OLD)).data == CONTACT
    assert codec(NEW).decode(from_file.encode(new_event(CONTACT, sequence=3, time=AT)).body).data == CONTACT


@pytest.mark.parametrize("recipient", RECIPIENTS)
def test_a_key_that_is_none_is_said_and_not_shown(recipient: str) -> None:
    with pytest.raises(KeysMissing, match=variable(recipient)) as caught:
        Keyrings.from_env({variable(recipient): "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_key_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=f"{NOTIFICATION}_FILE cannot be read: No such file"):
        Keyrings.from_env({f"{NOTIFICATION}_FILE": str(tmp_path / "none")})


def test_an_empty_variable_means_no_keys() -> None:
    with pytest.raises(KeysMissing):
        Keyrings.from_env({NOTIFICATION: " , "}).seal("notification", b"x")

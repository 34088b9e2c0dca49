"""Decryption of what routing stores encrypted: submissions, and objections in the history."""

from collections.abc import Callable

import orjson

from concord_contracts import BadMessage, Keyrings


def objection_reader(keyrings: Keyrings) -> Callable[[str], str | None]:
    """Return a function that decrypts the reason of an objection; it returns None if the key no longer exists."""

    def reason(sealed: str) -> str | None:
        try:
            return str(orjson.loads(keyrings.open("routing", sealed))["reason"])
        except BadMessage:
            return None

    return reason


def decryption_check(keyrings: Keyrings) -> Callable[[str], bool]:
    """Return a function that says whether a key of routing decrypts a ciphertext."""

    def decrypts(sealed: str) -> bool:
        try:
            keyrings.open("routing", sealed)
        except BadMessage:
            return False
        return True

    return decrypts

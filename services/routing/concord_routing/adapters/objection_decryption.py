"""Decryption of the residents' objections, which the history stores encrypted."""

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

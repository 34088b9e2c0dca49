"""Decryption of a resident's words and contact, for a reader with the right to them."""

from typing import Any

import orjson

from concord_contracts import BadMessage, Keyrings
from concord_contracts.fields import read_instant
from concord_contracts.messages.points import ExactPoint
from concord_routing.domain.resident_words import Contact, Submission


class ResidentDecryption:
    """See `ports.ResidentWords`. Each method returns None if the key of its ciphertext no longer exists."""

    def __init__(self, keyrings: Keyrings) -> None:
        self._keyrings = keyrings

    def submission(self, sealed: str) -> Submission | None:
        data = self._open(sealed)
        if data is None:
            return None
        point, occurred = data["point"], data["occurred_at"]
        return Submission(
            data["description"],
            data["language"],
            read_instant(occurred) if occurred else None,
            ExactPoint(lon=point["lon"], lat=point["lat"]) if point else None,
            data["address"],
        )

    def objection(self, sealed: str) -> str | None:
        data = self._open(sealed)
        return None if data is None else str(data["reason"])

    def answer(self, sealed: str) -> str | None:
        data = self._open(sealed)
        return None if data is None else str(data["words"])

    def contact(self, sealed: str) -> Contact | None:
        data = self._open(sealed)
        if data is None:
            return None
        return Contact(data["name"], data["email"], data["phone"], data["language"], read_instant(data["given_at"]))

    def _open(self, sealed: str) -> Any:
        try:
            return orjson.loads(self._keyrings.open("routing", sealed))
        except BadMessage:
            return None

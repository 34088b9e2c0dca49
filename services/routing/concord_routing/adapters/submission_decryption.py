"""Decryption of the place and the time of a concern, which a case stores encrypted."""

from collections.abc import Callable

import orjson

from concord_city.domain.comparison import PastConcern
from concord_contracts import BadMessage, Keyrings
from concord_contracts.fields import read_instant
from concord_routing.domain.case import Case


def submission_reader(keyrings: Keyrings) -> Callable[[Case], PastConcern | None]:
    """Return a function that decrypts what the rules need; it returns None if the key no longer exists."""

    def read(case: Case) -> PastConcern | None:
        try:
            data = orjson.loads(keyrings.open("routing", case.submission))
        except BadMessage:
            return None
        point, occurred = data["point"], data["occurred_at"]
        return PastConcern(
            case.concern_id,
            case.category,
            case.channel,
            case.received_at,
            read_instant(occurred) if occurred else None,
            (point["lon"], point["lat"]) if point else None,
        )

    return read

"""Reading what a resident wrote against a resolution: it is kept encrypted, as it came."""

from collections.abc import Callable

import orjson

from concord_contracts import BadMessage, Keyrings


def objection_reader(keyrings: Keyrings) -> Callable[[str], str | None]:
    """Gives the reason in a sealed objection; None when its key is gone."""

    def reason(sealed: str) -> str | None:
        try:
            return str(orjson.loads(keyrings.open("routing", sealed))["reason"])
        except BadMessage:
            return None

    return reason

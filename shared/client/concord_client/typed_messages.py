"""Messages as dataclasses of Concord's contracts, when that package is installed."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from concord_client.errors import BadMessage, ContractsMissing

Reader = Callable[[Any], Any]


def typed(type_name: str, data: Mapping[str, Any]) -> Any:
    """Return `data` as the dataclass of its type; None for a type that the installed contracts do not know.

    Raises ContractsMissing without concord_contracts, BadMessage for invalid data.
    """
    read = _reader(type_name)
    return None if read is None else read(data)


@cache
def _reader(type_name: str) -> Reader | None:
    try:
        from concord_contracts import catalogue, errors, serialization
    except ImportError as error:
        raise ContractsMissing(
            "typed messages need concord_contracts: install concord-client[typed], or read event.data"
        ) from error
    kind = catalogue.CATALOGUE.get(type_name)
    if kind is None:
        return None
    payload = serialization.payload(kind.data)

    def read(data: Any) -> Any:
        try:
            return payload.read(data)
        except errors.BadMessage as error:
            raise BadMessage(error.reason) from None

    return read

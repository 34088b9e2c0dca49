"""A response, read in full."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from concord_http.errors import InvalidJsonError, UnexpectedStatusError


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers and body. The names of `headers` ignore case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Return the decoded body, None when it is empty. Raises InvalidJsonError."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            raise InvalidJsonError("response is not JSON") from None

    def expect(self, *statuses: int) -> Self:
        """Raises UnexpectedStatusError unless the status is one of `statuses`; without any, it must be 2xx."""
        if self.status in statuses or (not statuses and 200 <= self.status < 300):
            return self
        raise UnexpectedStatusError(self.status, self.body)

"""Lines about services that take long to become ready, with the reasons of /readyz."""

import re
from collections.abc import Callable, Mapping, Sequence

QUIET_SECONDS = 15.0
"""A start usually takes less, so there is nothing to say before."""
_NUMBERS = re.compile(r"\d+(\.\d+)?")


class ReadinessNews:
    """Says why a service is not ready: once, and again when the reason changes. Another number is no change."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: dict[str, str] = {}

    def look(self, seconds: float, reasons: Mapping[str, Sequence[str]]) -> None:
        """Take the reasons of each service that is not ready `seconds` after the start."""
        if seconds < QUIET_SECONDS:
            return
        for name, texts in reasons.items():
            text = "; ".join(texts)
            kind = _NUMBERS.sub("N", text)
            if self._said.get(name) != kind:
                self._said[name] = kind
                self._say(f"{name} is not ready: {text}")

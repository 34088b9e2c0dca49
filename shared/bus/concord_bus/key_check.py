"""Compares a service's keys with the data that it has stored, once after its start."""

from collections.abc import Callable, Sequence

import structlog

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.domain.stored_keys import KeySample

log = structlog.get_logger("concord.keys")


class KeyCheck:
    """Looks at a sample of stored ciphertexts. A process has the same keys for its whole life, so one look is enough.

    Keys that decrypt nothing are a reason against readiness. Keys that decrypt a part are a warning.
    """

    def __init__(
        self, data: str, setting: str, sample: Callable[[], Sequence[str]], decrypts: Callable[[str], bool]
    ) -> None:
        """`data` and `setting` name ciphertexts and keys. `sample` reads some; it raises ResourceUnavailable."""
        self._data = data
        self._setting = setting
        self._sample = sample
        self._decrypts = decrypts
        self._found: KeySample | None = None

    def look(self) -> None:
        """Look, and log a fault. Does nothing after a look that succeeded, and nothing while the database is away."""
        if self._found is not None:
            return
        try:
            ciphertexts = self._sample()
        except ResourceUnavailable:
            return  # the database is a reason of its own
        unreadable = sum(not self._decrypts(each) for each in ciphertexts)
        self._found = KeySample(self._data, self._setting, len(ciphertexts), unreadable)
        if fault := self._found.fault():
            log.error(fault)

    def problem(self) -> str | None:
        """Return the reason that the service is not ready, or None. Looks first if nobody has."""
        self.look()
        return self._found.fault() if self._found and self._found.keys_are_wrong else None

    def warning(self) -> str | None:
        """Return the fault to mend although the service can do its work, or None."""
        return self._found.fault() if self._found and not self._found.keys_are_wrong else None

"""Keys that do not decrypt what a service has stored are a reason against readiness, or a warning."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import structlog
from structlog.testing import capture_logs

from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.domain.stored_keys import KeySample
from concord_bus.key_check import KeyCheck

WRONG = "no key in CONCORD_VAULT_KEYS decrypts contacts (2 of 2 looked at): restore the missing key there"
MISSING = "no key in CONCORD_VAULT_KEYS decrypts contacts (1 of 3 looked at): restore the missing key there"


@dataclass
class Stored:
    """Ciphertexts, of which the keys decrypt those that begin with `good`."""

    ciphertexts: Sequence[str]
    away: bool = False
    reads: list[int] = field(default_factory=list)

    def sample(self) -> Sequence[str]:
        self.reads.append(1)
        if self.away:
            raise DatabaseUnavailable("cannot be reached")
        return self.ciphertexts

    def check(self) -> KeyCheck:
        return KeyCheck("contacts", "CONCORD_VAULT_KEYS", self.sample, lambda each: each.startswith("good"))


@pytest.mark.parametrize(
    ("ciphertexts", "problem", "warning"),
    [
        ([], None, None),
        (["good 1", "good 2"], None, None),
        (["bad 1", "bad 2"], WRONG, None),
        (["good 1", "bad 1", "good 2"], None, MISSING),
    ],
)
def test_wrong_keys_are_a_reason_and_a_missing_one_is_a_warning(
    ciphertexts: list[str], problem: str | None, warning: str | None
) -> None:
    check = Stored(ciphertexts).check()
    assert (check.problem(), check.warning()) == (problem, warning)


def test_the_check_looks_once_and_logs_a_fault_once() -> None:
    stored = Stored(["bad 1", "bad 2"])
    check = stored.check()
    structlog.reset_defaults()  # this folder's tests are quiet
    with capture_logs() as logs:
        check.look()
        assert check.problem() == WRONG
        check.look()
    assert [(entry["log_level"], entry["event"]) for entry in logs] == [("error", WRONG)]
    assert stored.reads == [1]


def test_a_database_that_is_away_is_looked_at_again_later() -> None:
    stored = Stored(["bad 1", "bad 2"], away=True)
    check = stored.check()
    assert check.problem() is None
    stored.away = False
    assert check.problem() == WRONG


def test_a_large_sample_is_written_with_separators() -> None:
    fault = KeySample("contacts", "KEYS", looked_at=4000, unreadable=1200).fault()
    assert fault == "no key in KEYS decrypts contacts (1,200 of 4,000 looked at): restore the missing key there"

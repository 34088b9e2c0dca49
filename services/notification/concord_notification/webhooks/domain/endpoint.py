"""An endpoint: a receiver outside, which events it is granted, and how it has fared."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import RetryPolicy

RESTS = RetryPolicy(first_delay=1.0, factor=2.0, max_delay=60.0)
"""After a failed attempt an endpoint is left in peace: 1 s, 2 s, 4 s … a minute, whatever else is due for it."""

HELD = timedelta(seconds=60)

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
LIVE_SECRETS = 2


class EndpointState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Why(StrEnum):
    """Why an endpoint is disabled."""

    OPERATOR = "operator"  # somebody here did it
    GONE = "gone"  # it answered 410
    EXHAUSTED = "exhausted"  # an event had its last attempt


@dataclass(frozen=True, slots=True)
class Grant:
    """Which events an endpoint may see. None stands for every area or category, and for events that have none."""

    types: tuple[str, ...]
    areas: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None

    def covers(self, kind: str, area: str | None, category: str | None) -> bool:
        return (
            kind in self.types
            and (self.areas is None or area in self.areas)
            and (self.categories is None or category in self.categories)
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret, `whsec_…`. Signs until `until` (UTC), for good when None. Lives in memory only."""

    text: str
    until: datetime | None = None

    def live(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Confidence:
    """What of an endpoint the database holds sealed: its secrets, newest first, and whom to tell when it fails."""

    secrets: tuple[Secret, ...]
    contact: str | None = None

    def live(self, now: datetime) -> list[str]:
        """The secrets to sign with, newest first."""
        return [each.text for each in self.secrets if each.live(now)]

    def rotated(self, fresh: str, now: datetime, overlap: timedelta) -> "Confidence":
        """With a new secret; the newest so far signs along until the overlap is over. At most two live at once."""
        before = [each for each in self.secrets if each.live(now)][: LIVE_SECRETS - 1]
        ending = [replace(each, until=min(each.until or now + overlap, now + overlap)) for each in before]
        return replace(self, secrets=(Secret(fresh), *(each for each in ending if each.live(now))))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`failures` are the attempts in a row that failed; it rests until `rest_until`. `sealed` is its Confidence.

    `told_at` is when its contact was told that it is disabled, or when it was decided that nobody can be told.
    """

    id: str
    name: str
    url: str
    grant: Grant
    sealed: str
    created_at: datetime
    state: EndpointState = EndpointState.ACTIVE
    why: Why | None = None
    disabled_at: datetime | None = None
    failures: int = 0
    rest_until: datetime | None = None
    told_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state is EndpointState.ACTIVE


def disabled(endpoint: Endpoint, why: Why, now: datetime) -> Endpoint:
    """Nothing is sent any more until somebody enables it. One that is disabled already stays as it is."""
    if not endpoint.active:
        return endpoint
    told = now if why is Why.OPERATOR else None
    return replace(endpoint, state=EndpointState.DISABLED, why=why, disabled_at=now, told_at=told)


def enabled(endpoint: Endpoint) -> Endpoint:
    """Takes events again, with a clean slate."""
    fresh = {"why": None, "disabled_at": None, "failures": 0, "rest_until": None, "told_at": None}
    return replace(endpoint, state=EndpointState.ACTIVE, **fresh)  # type: ignore[arg-type]


def answered(endpoint: Endpoint) -> Endpoint:
    """It took an event."""
    return replace(endpoint, failures=0, rest_until=None)


def held(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Nothing can be sent there for a cause of our own: leave it for HELD, as it is."""
    return replace(endpoint, rest_until=now + HELD)


def failed(endpoint: Endpoint, now: datetime, chance: float, retry_after: float | None) -> Endpoint:
    """An attempt failed: leave it in peace, at least as long as it asked for (seconds)."""
    rest = max(RESTS.delay(endpoint.failures + 1, chance), retry_after or 0.0)
    return replace(endpoint, failures=endpoint.failures + 1, rest_until=now + timedelta(seconds=rest))

"""A webhook endpoint: a receiver outside Concord with its grant, its secrets and its state."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from concord_bus.domain.retry import CLOCK_TOLERANCE, RetryPolicy
from concord_notification.webhooks.domain.receiver_response import MAX_RETRY_AFTER

BACKOFF = RetryPolicy(first_delay=1.0, factor=2.0, max_delay=60.0)
"""The pause of an endpoint after failures in a row: 1 s, 2 s, 4 s … a minute. It holds up all its events."""

HOLD = timedelta(seconds=60)
"""The pause of an endpoint after an error of our own, such as a missing vault key."""
LONGEST_PAUSE = timedelta(seconds=CLOCK_TOLERANCE + max(BACKOFF.max_delay, MAX_RETRY_AFTER, HOLD.total_seconds()))
"""The longest pause of an endpoint, by the clock of another host."""

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
MAX_LIVE_SECRETS = 2


class EndpointState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class DisableReason(StrEnum):
    OPERATOR = "operator"  # an operator disabled it
    GONE = "gone"  # it answered 410
    EXHAUSTED = "exhausted"  # the last attempt of an event failed


@dataclass(frozen=True, slots=True)
class Grant:
    """The events that an endpoint may receive.

    None means every area or category, and also events without one.
    """

    types: tuple[str, ...]
    areas: tuple[str, ...] | None = None
    categories: tuple[str, ...] | None = None

    def covers(self, event_type: str, area: str | None, category: str | None) -> bool:
        return (
            event_type in self.types
            and (self.areas is None or area in self.areas)
            and (self.categories is None or category in self.categories)
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret, `whsec_…`, in memory only. It signs until `until` (UTC), or without end if None."""

    text: str
    until: datetime | None = None

    def live(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class EndpointSecrets:
    """The encrypted part of an endpoint: its secrets, newest first, and the mail address of its contact."""

    secrets: tuple[Secret, ...]
    contact: str | None = None

    def live(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, newest first."""
        return [secret.text for secret in self.secrets if secret.live(now)]

    def rotated(self, new_secret: str, now: datetime, overlap: timedelta) -> "EndpointSecrets":
        """Add a secret. The newest one so far signs as well until the overlap ends; at most two are live."""
        live = [secret for secret in self.secrets if secret.live(now)][: MAX_LIVE_SECRETS - 1]
        ending = [replace(secret, until=min(secret.until or now + overlap, now + overlap)) for secret in live]
        return replace(self, secrets=(Secret(new_secret), *(secret for secret in ending if secret.live(now))))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint. `failures` counts failed attempts in a row; no attempt begins before `rest_until`.

    `sealed` is the ciphertext of its EndpointSecrets. `told_at` is the time of the mail about its end, or of the
    decision to send none.
    """

    id: str
    name: str
    url: str
    grant: Grant
    sealed: str
    created_at: datetime
    state: EndpointState = EndpointState.ACTIVE
    why: DisableReason | None = None
    disabled_at: datetime | None = None
    failures: int = 0
    rest_until: datetime | None = None
    told_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state is EndpointState.ACTIVE


def types_to_bind(endpoints: Iterable[Endpoint], bindable: Collection[str]) -> frozenset[str]:
    """Return those of the `bindable` types that a grant names.

    A disabled endpoint counts too: its events fail at once, so that operators can replay them.
    """
    return frozenset(name for endpoint in endpoints for name in endpoint.grant.types if name in bindable)


def disabled(endpoint: Endpoint, reason: DisableReason, now: datetime) -> Endpoint:
    """Stop sending until an operator enables it. A disabled endpoint stays as it is."""
    if not endpoint.active:
        return endpoint
    told_at = now if reason is DisableReason.OPERATOR else None
    return replace(endpoint, state=EndpointState.DISABLED, why=reason, disabled_at=now, told_at=told_at)


def enabled(endpoint: Endpoint) -> Endpoint:
    """Send events again, with no failures on record."""
    active = replace(endpoint, state=EndpointState.ACTIVE, why=None, disabled_at=None)
    return replace(active, failures=0, rest_until=None, told_at=None)


def succeeded(endpoint: Endpoint) -> Endpoint:
    """Record a successful attempt."""
    return replace(endpoint, failures=0, rest_until=None)


def on_hold(endpoint: Endpoint, now: datetime) -> Endpoint:
    """Pause after an error of our own; it does not count as a failure of the endpoint."""
    return replace(endpoint, rest_until=now + HOLD)


def failed(endpoint: Endpoint, now: datetime, chance: float, retry_after: float | None) -> Endpoint:
    """Record a failed attempt and pause, at least for the receiver's `retry_after` (seconds)."""
    pause = max(BACKOFF.delay(endpoint.failures + 1, chance), retry_after or 0.0)
    return replace(endpoint, failures=endpoint.failures + 1, rest_until=now + timedelta(seconds=pause))

"""What operators do with endpoints. Each command is one transaction, which also leaves its entry in the audit.

`actor` is the subject of the principal who asks. Secrets are shown once, when they are made.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from concord_access.audit import Code, as_code, write_moment
from concord_bus.ports import Work
from concord_notification.webhooks.application.fan_out import KnownEndpoints
from concord_notification.webhooks.application.trace import Act, added, entry
from concord_notification.webhooks.domain import endpoint as rules
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import Confidence, Endpoint, Grant, Secret, Why
from concord_notification.webhooks.domain.url_policy import Target, judged, read_url
from concord_notification.webhooks.ports import Vault, Webhooks

log = structlog.get_logger("concord.webhooks")

OVERLAP = timedelta(hours=24)
"""How long the former secret signs along after a rotation, unless asked otherwise."""
MOST_ENDPOINTS = 1000

Begin = Callable[[], AbstractContextManager[Work[Any]]]
Read = Callable[[], AbstractContextManager[Any]]
Resolver = Callable[[str, int], Sequence[str]]
Details = dict[str, Code]
Change = Callable[[Endpoint, Work[Any]], tuple[Endpoint, Details]]
"""The endpoint as it is to be, and what the audit keeps of the change."""


class NoSuchEndpoint(LookupError):
    """There is none with this id or name."""


class NoSuchDelivery(LookupError):
    """The event was never queued for this endpoint, or is forgotten."""


class NameTaken(ValueError):
    """Another endpoint has this name."""


class TooMany(ValueError):
    """There are MOST_ENDPOINTS already."""


class NotActive(ValueError):
    """Nothing is sent to a disabled endpoint. Remedy: enable it first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An endpoint to be."""

    name: str
    url: str
    grant: Grant
    contact: str | None = None


class Desk:
    """Wired once; knows nothing of HTTP."""

    def __init__(
        self,
        begin: Begin,
        read: Read,
        vault: Vault,
        known: KnownEndpoints,
        resolver: Resolver,
        new_secret: Callable[[], str],
        *,
        internal_hosts: Collection[str] = (),
        wake: Callable[[], None] = lambda: None,
        settle: Callable[[Collection[str]], bool] = lambda types: True,
    ) -> None:
        """`settle` has the broker bring what endpoints are granted by now, of these types; False: not done yet."""
        self._begin = begin
        self._read = read
        self._vault = vault
        self._known = known
        self._resolver = resolver
        self._new_secret = new_secret
        self._internal_hosts = frozenset(internal_hosts)
        self._wake = wake
        self._settle = settle

    def add(self, wish: Wish, actor: str) -> tuple[Endpoint, str]:
        """The new endpoint and its secret. Raises Refused, NameTaken, TooMany.

        It gets what is published from now on; where the broker is away, what is published once it is back. A host
        without an address may come to have one; one with a forbidden address is refused at once.
        """
        target = self._judge(wish.url)
        secret = self._new_secret()
        sealed = self._vault.seal(Confidence((Secret(secret),), wish.contact))
        with self._begin() as work:
            webhooks: Webhooks = work.store.webhooks
            if len(webhooks.endpoints()) >= MOST_ENDPOINTS:
                raise TooMany
            made = Endpoint(f"wh_{secrets.token_hex(8)}", wish.name, wish.url, wish.grant, sealed, work.now)
            if not webhooks.add(made):
                raise NameTaken
            work.store.audit.append(entry(Act.ADDED, made, actor, work.now, added(made, target)))
        self._changed(Act.ADDED, made)
        self._bound(made)
        return made, secret

    def list(self) -> list[Endpoint]:
        with self._read() as store:
            found: list[Endpoint] = store.webhooks.endpoints()
        return found

    def show(self, which: str) -> tuple[Endpoint, Confidence]:
        """Raises NoSuchEndpoint; Unreadable when no key of the vault fits."""
        with self._read() as store:
            found = _found(store.webhooks.endpoints(), which)
        return found, self._vault.open(found.sealed)

    def rotate(self, which: str, actor: str, overlap: timedelta = OVERLAP) -> tuple[Endpoint, str, datetime]:
        """The new secret, and until when the former signs along. Raises NoSuchEndpoint, Unreadable."""
        fresh = self._new_secret()

        def turn(endpoint: Endpoint, work: Work[Any]) -> tuple[Endpoint, Details]:
            confidence = self._vault.open(endpoint.sealed).rotated(fresh, work.now, overlap)
            changed = replace(endpoint, sealed=self._vault.seal(confidence))
            return changed, {"overlap_seconds": int(overlap.total_seconds())}

        changed, now = self._change(Act.ROTATED, which, actor, turn)
        return changed, fresh, now + overlap

    def disable(self, which: str, actor: str) -> Endpoint:
        """What is due for it fails, and what comes; both can be replayed. Raises NoSuchEndpoint."""

        def end(endpoint: Endpoint, work: Work[Any]) -> tuple[Endpoint, Details]:
            given_up = work.store.webhooks.give_up_due(endpoint.id, work.now)
            return rules.disabled(endpoint, Why.OPERATOR, work.now), {"given_up": given_up}

        return self._change(Act.DISABLED, which, actor, end)[0]

    def enable(self, which: str, actor: str) -> Endpoint:
        """It gets what comes from now on. Raises NoSuchEndpoint, Refused."""
        self._judge(self.show(which)[0].url)
        return self._change(Act.ENABLED, which, actor, lambda endpoint, _: (rules.enabled(endpoint), {}))[0]

    def remove(self, which: str, actor: str) -> None:
        """With all its deliveries. Raises NoSuchEndpoint."""
        with self._begin() as work:
            endpoint = _there(work.store.webhooks.endpoint(which))
            work.store.webhooks.remove(endpoint.id)
            work.store.audit.append(entry(Act.REMOVED, endpoint, actor, work.now, {}))
        self._changed(Act.REMOVED, endpoint)
        self._bound(endpoint)

    def deliveries(
        self, which: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None
    ) -> Sequence[Delivery]:
        """Raises NoSuchEndpoint."""
        with self._read() as store:
            endpoint = _found(store.webhooks.endpoints(), which)
            found: Sequence[Delivery] = store.webhooks.deliveries(endpoint.id, state, limit, before)
        return found

    def replay_one(self, which: str, event_id: str, actor: str) -> int:
        """Raises NoSuchEndpoint, NoSuchDelivery, NotActive."""

        def again(webhooks: Webhooks, endpoint_id: str, now: datetime) -> int:
            if not webhooks.replay_one(endpoint_id, event_id, now):
                raise NoSuchDelivery
            return 1

        return self._replay(which, actor, again, {"event": as_code(event_id)})

    def replay_since(self, which: str, since: datetime, actor: str, *, delivered_too: bool = False) -> int:
        """What failed of all that was queued since then, or everything. Raises NoSuchEndpoint, NotActive."""
        states = [DeliveryState.FAILED] + [DeliveryState.DELIVERED] * delivered_too

        def again(webhooks: Webhooks, endpoint_id: str, now: datetime) -> int:
            return webhooks.replay_since(endpoint_id, since, states, now)

        return self._replay(which, actor, again, {"since": write_moment(since), "delivered_too": delivered_too})

    def _judge(self, url: str) -> Target:
        target = read_url(url, self._internal_hosts)
        try:
            found = self._resolver(target.host, target.port)
        except OSError:
            return target
        judged(found, internal=target.internal)
        return target

    def _change(self, act: Act, which: str, actor: str, change: Change) -> tuple[Endpoint, datetime]:
        with self._begin() as work:
            changed, details = change(_there(work.store.webhooks.endpoint(which)), work)
            work.store.webhooks.save(changed)
            work.store.audit.append(entry(act, changed, actor, work.now, details))
        self._changed(act, changed)
        return changed, work.now

    def _replay(self, which: str, actor: str, again: Callable[[Webhooks, str, datetime], int], details: Details) -> int:
        with self._begin() as work:
            endpoint = _active(work.store.webhooks.endpoint(which))
            count = again(work.store.webhooks, endpoint.id, work.now)
            work.store.audit.append(entry(Act.REPLAYED, endpoint, actor, work.now, {**details, "events": count}))
        self._wake()
        return count

    def _changed(self, act: Act, endpoint: Endpoint) -> None:
        self._known.forget()
        self._wake()
        log.info("webhook endpoint changed", act=str(act), endpoint=endpoint.name, id=endpoint.id)

    def _bound(self, endpoint: Endpoint) -> None:
        if not self._settle(endpoint.grant.types):
            log.warning("the broker is told of it later", endpoint=endpoint.name, id=endpoint.id)


def _found(endpoints: Sequence[Endpoint], which: str) -> Endpoint:
    return _there(next((each for each in endpoints if which in (each.id, each.name)), None))


def _there(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise NoSuchEndpoint
    return endpoint


def _active(endpoint: Endpoint | None) -> Endpoint:
    if not _there(endpoint).active:
        raise NotActive
    return _there(endpoint)

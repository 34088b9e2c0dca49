"""The commands of operators on endpoints. Each command is one transaction with an entry in the audit log.

`actor` is the subject of the authenticated principal. A command that creates a secret returns it once.

Audit entries hold codes and numbers, so that they outlive the endpoint. They hold no secret and no contact. They name
only the URL's host and port, because its path and query may hold a secret of the receiver.
"""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from concord_access.audit import Code, Entry, as_code, write_moment
from concord_bus.ports import Begin, Read, Work
from concord_notification.webhooks.application.fan_out import EndpointCache
from concord_notification.webhooks.domain import endpoint as rules
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import DisableReason, Endpoint, EndpointSecrets, Grant, Secret
from concord_notification.webhooks.domain.url_policy import Target, allowed_addresses, parse_url
from concord_notification.webhooks.ports import EndpointVault, Resolver, Store, WebhookStore

log = structlog.get_logger("concord.webhooks")

DEFAULT_OVERLAP = timedelta(hours=24)
"""The time for which the old secret still signs after a rotation."""
MAX_ENDPOINTS = 1000

Details = Mapping[str, Code]
Change = Callable[[Endpoint, Work[Store]], tuple[Endpoint, Details]]
"""Returns the changed endpoint and the details of the audit entry."""
Replay = Callable[[WebhookStore, str, datetime], int]
"""Makes deliveries of an endpoint's id due again at a time. Returns their number."""


class AuditAction(StrEnum):
    ADDED = "webhook.added"
    ROTATED = "webhook.rotated"
    DISABLED = "webhook.disabled"
    ENABLED = "webhook.enabled"
    REMOVED = "webhook.removed"
    REPLAYED = "webhook.replayed"


class EndpointNotFound(LookupError):
    """No endpoint has this id or name."""


class DeliveryNotFound(LookupError):
    """The endpoint has no delivery of this event, or retention has deleted it."""


class EndpointNameTaken(ValueError):
    """Another endpoint has this name."""


class TooManyEndpoints(ValueError):
    """There are MAX_ENDPOINTS already."""


class EndpointDisabled(ValueError):
    """The endpoint is disabled. Remedy: enable it first."""


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """The data of an endpoint to add."""

    name: str
    url: str
    grant: Grant
    contact: str | None = None


@dataclass(frozen=True)
class EndpointService:
    """Manages endpoints. It knows no HTTP server.

    `wake` starts the delivery of due events. `reconcile` binds event types; it returns False if it is late.
    """

    begin: Begin[Store]
    read: Read[Store]
    vault: EndpointVault
    cache: EndpointCache
    resolver: Resolver
    new_secret: Callable[[], str]
    internal_hosts: Collection[str] = ()
    wake: Callable[[], None] = lambda: None
    reconcile: Callable[[Collection[str]], bool] = lambda types: True

    def add(self, new: NewEndpoint, actor: str) -> tuple[Endpoint, str]:
        """Return the new endpoint and its secret. Raises UrlRefused, EndpointNameTaken, TooManyEndpoints.

        It gets the events from now on, or from the broker's return if the broker is away. A host without an address
        is valid: it may get one later. A host with a forbidden address is not.
        """
        target = self._check_url(new.url)
        secret = self.new_secret()
        sealed = self.vault.seal(EndpointSecrets((Secret(secret),), new.contact))
        with self.begin() as work:
            webhooks = work.store.webhooks
            if len(webhooks.endpoints()) >= MAX_ENDPOINTS:
                raise TooManyEndpoints
            endpoint = Endpoint(f"wh_{secrets.token_hex(8)}", new.name, new.url, new.grant, sealed, work.now)
            if not webhooks.add(endpoint):
                raise EndpointNameTaken
            _audit(work, AuditAction.ADDED, endpoint, actor, _grant_details(new.grant, target))
        self._changed(AuditAction.ADDED, endpoint)
        self._rebind(endpoint)
        return endpoint, secret

    def list(self) -> list[Endpoint]:
        with self.read() as store:
            return store.webhooks.endpoints()

    def show(self, id_or_name: str) -> tuple[Endpoint, EndpointSecrets]:
        """Return an endpoint with its secrets. Raises EndpointNotFound, VaultUnreadable."""
        with self.read() as store:
            endpoint = _find(store, id_or_name)
        return endpoint, self.vault.open(endpoint.sealed)

    def rotate(
        self, id_or_name: str, actor: str, overlap: timedelta = DEFAULT_OVERLAP
    ) -> tuple[Endpoint, str, datetime]:
        """Return the endpoint, its new secret, and the end of the old one. Raises EndpointNotFound, VaultUnreadable."""
        secret = self.new_secret()

        def rotate(endpoint: Endpoint, work: Work[Store]) -> tuple[Endpoint, Details]:
            rotated = self.vault.open(endpoint.sealed).rotated(secret, work.now, overlap)
            details = {"overlap_seconds": int(overlap.total_seconds())}
            return replace(endpoint, sealed=self.vault.seal(rotated)), details

        endpoint, now = self._change(AuditAction.ROTATED, id_or_name, actor, rotate)
        return endpoint, secret, now + overlap

    def disable(self, id_or_name: str, actor: str) -> Endpoint:
        """Fail its due and future deliveries; operators can replay them. Raises EndpointNotFound."""

        def disable(endpoint: Endpoint, work: Work[Store]) -> tuple[Endpoint, Details]:
            given_up = work.store.webhooks.fail_due(endpoint.id, work.now)
            return rules.disabled(endpoint, DisableReason.OPERATOR, work.now), {"given_up": given_up}

        return self._change(AuditAction.DISABLED, id_or_name, actor, disable)[0]

    def enable(self, id_or_name: str, actor: str) -> Endpoint:
        """Send it the events from now on. Raises EndpointNotFound, UrlRefused."""
        self._check_url(self.show(id_or_name)[0].url)
        return self._change(AuditAction.ENABLED, id_or_name, actor, lambda row, _: (rules.enabled(row), {}))[0]

    def remove(self, id_or_name: str, actor: str) -> None:
        """Delete it with all its deliveries. Raises EndpointNotFound."""
        with self.begin() as work:
            endpoint = _required(work.store.webhooks.endpoint(id_or_name))
            work.store.webhooks.remove(endpoint.id)
            _audit(work, AuditAction.REMOVED, endpoint, actor, {})
        self._changed(AuditAction.REMOVED, endpoint)
        self._rebind(endpoint)

    def deliveries(
        self, id_or_name: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None
    ) -> Sequence[Delivery]:
        """Return deliveries, the latest first. Raises EndpointNotFound."""
        with self.read() as store:
            return store.webhooks.deliveries(_find(store, id_or_name).id, state, limit, before)

    def replay_one(self, id_or_name: str, event_id: str, actor: str) -> int:
        """Send one event again. Raises EndpointNotFound, DeliveryNotFound, EndpointDisabled."""

        def replay(webhooks: WebhookStore, endpoint_id: str, now: datetime) -> int:
            if not webhooks.replay_one(endpoint_id, event_id, now):
                raise DeliveryNotFound
            return 1

        return self._replay(id_or_name, actor, replay, {"event": as_code(event_id)})

    def replay_since(self, id_or_name: str, since: datetime, actor: str, *, delivered_too: bool = False) -> int:
        """Send the events since then again: failed ones, or all. Raises EndpointNotFound, EndpointDisabled."""
        states = [DeliveryState.FAILED] + [DeliveryState.DELIVERED] * delivered_too

        def replay(webhooks: WebhookStore, endpoint_id: str, now: datetime) -> int:
            return webhooks.replay_since(endpoint_id, since, states, now)

        details: Details = {"since": write_moment(since), "delivered_too": delivered_too}
        return self._replay(id_or_name, actor, replay, details)

    def _check_url(self, url: str) -> Target:
        target = parse_url(url, self.internal_hosts)
        try:
            addresses = self.resolver(target.host, target.port)
        except OSError:
            return target
        allowed_addresses(addresses, internal=target.internal)
        return target

    def _change(self, action: AuditAction, id_or_name: str, actor: str, change: Change) -> tuple[Endpoint, datetime]:
        with self.begin() as work:
            endpoint, details = change(_required(work.store.webhooks.endpoint(id_or_name)), work)
            work.store.webhooks.save(endpoint)
            _audit(work, action, endpoint, actor, details)
        self._changed(action, endpoint)
        return endpoint, work.now

    def _replay(self, id_or_name: str, actor: str, replay: Replay, details: Details) -> int:
        with self.begin() as work:
            endpoint = _required(work.store.webhooks.endpoint(id_or_name))
            if not endpoint.active:
                raise EndpointDisabled
            count = replay(work.store.webhooks, endpoint.id, work.now)
            _audit(work, AuditAction.REPLAYED, endpoint, actor, {**details, "events": count})
        self.wake()
        return count

    def _changed(self, action: AuditAction, endpoint: Endpoint) -> None:
        self.cache.invalidate()
        self.wake()
        log.info("webhook endpoint changed", act=str(action), endpoint=endpoint.name, id=endpoint.id)

    def _rebind(self, endpoint: Endpoint) -> None:
        if not self.reconcile(endpoint.grant.types):
            log.warning("the broker gets the new bindings later", endpoint=endpoint.name, id=endpoint.id)


def _find(store: Store, id_or_name: str) -> Endpoint:
    endpoints = store.webhooks.endpoints()
    return _required(next((row for row in endpoints if id_or_name in (row.id, row.name)), None))


def _required(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise EndpointNotFound
    return endpoint


def _audit(work: Work[Store], action: AuditAction, endpoint: Endpoint, actor: str, details: Details) -> None:
    subject = f"webhook:{endpoint.id}"
    work.store.audit.append(Entry(work.now, actor, action, subject, {"name": endpoint.name, **details}))


def _grant_details(grant: Grant, target: Target) -> Details:
    """Return the host and the number of types, areas and categories; None means all."""
    return {
        "host": as_code(target.authority),
        "types": len(grant.types),
        "areas": None if grant.areas is None else len(grant.areas),
        "categories": None if grant.categories is None else len(grant.categories),
    }

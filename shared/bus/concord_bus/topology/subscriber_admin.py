"""Subscribers' logins on a broker, through its management API. The broker also stores each subscriber's grant."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from concord_bus.topology.definitions import login
from concord_bus.topology.grants import Grant, Limits
from concord_bus.topology.subscriber_bindings import is_exact, surplus
from concord_bus.topology.subscriber_permissions import (
    TAG,
    operator_policy,
    permission,
    policy_name,
    queues_document,
    replay_policy_name,
    stream_bindings,
    stream_document,
    topic_permissions,
    user_limits,
)
from concord_http.rabbitmq_management import ManagementError, RabbitManagement
from concord_http.tls import TlsFiles

NOT_FOUND = 404
REMEMBERED, SAMPLE = 8 * 3600, 60
"""Seconds: the period of the broker's statistics, and their interval."""
LOOKS, LOOK_SECONDS, CALM_LOOKS = 100, 0.1, 2
"""The end of a login's connections, or of a queue's bindings: how often and in what interval the broker is asked.

A connection that was opening is listed a moment later. So connections have ended when `CALM_LOOKS` looks find none.
"""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A grant and its state. Times are ISO 8601, UTC; `suspended` is None while the subscriber may connect."""

    grant: Grant
    added: str
    secret_since: str
    suspended: str | None = None


class LoginTaken(ValueError):
    """Another user has a login of this name; the text names the user."""


class Subscribers:
    """The subscribers of one virtual host. Every method raises ManagementError when the broker refuses."""

    def __init__(
        self, url: str, vhost: str, sleep: Callable[[float], object] = time.sleep, tls: TlsFiles | None = None
    ) -> None:
        """`sleep` takes seconds; `tls` are the certificates for an https URL."""
        self._sleep = sleep
        self._management = RabbitManagement(url, tls=tls)
        self._vhost = vhost
        self._host = quote(vhost, safe="")

    def all(self) -> list[Subscriber]:
        """Return all subscribers, by name."""
        return recorded(self._ask("GET", "global-parameters"), self._vhost)

    def find(self, name: str) -> Subscriber | None:
        answer = self._look(f"global-parameters/{quote(self._parameter(name), safe='')}")
        return of_record(answer["value"]) if answer else None

    def add(self, subscriber: Subscriber, secret: str) -> None:
        """Create its queues and its login. The permissions come last: after a failure the login has none.

        Raises LoginTaken for a login that is not a subscriber of this virtual host.
        """
        self._refuse_taken(subscriber.grant.name)
        self._make_queues(subscriber.grant)
        self.give_secret(subscriber, secret)
        self._limit(subscriber)
        self._give_rights(subscriber.grant)
        self.keep(subscriber)

    def change(self, subscriber: Subscriber) -> None:
        """Apply the subscriber's new grant, so that nothing beyond it comes any more. The secret stays.

        The login may not connect afterwards: `admit` ends that. An open channel may go on with the rights that it had,
        so connections end before the bindings are compared. The record comes last: after a failure it still has the
        old grant, and the next call starts again.
        """
        grant = subscriber.grant
        self._bar(grant)
        self._give_rights(grant)
        self.disconnect(grant.name)
        self._make_queues(grant)
        self._drop_what_is_not_granted(grant)
        self.keep(subscriber)

    def admit(self, subscriber: Subscriber) -> None:
        """Let the login connect again after `change`, unless the subscriber is suspended."""
        self._limit(subscriber)

    def set_suspended(self, subscriber: Subscriber) -> None:
        """Apply the state `suspended`. For a suspended subscriber wait until no connection is left."""
        self.keep(subscriber)
        self._limit(subscriber)
        if subscriber.suspended is not None:
            self.disconnect(subscriber.grant.name)

    def give_secret(self, subscriber: Subscriber, secret: str) -> None:
        """Set a new secret. The old one fails from now on; limits and permissions stay."""
        name = subscriber.grant.name
        made = login(name, secret)
        hashed = {part: made[part] for part in ("password_hash", "hashing_algorithm")}
        self._ask("PUT", f"users/{name}", {**hashed, "tags": TAG})

    def keep(self, subscriber: Subscriber) -> None:
        """Write the record again."""
        name = self._parameter(subscriber.grant.name)
        self._ask("PUT", f"global-parameters/{quote(name, safe='')}", {"name": name, "value": asdict(subscriber)})

    def disconnect(self, name: str) -> None:
        """Close the open connections and wait for their end. Raises ManagementError after about ten seconds."""
        calm = 0
        for _ in range(LOOKS):
            self._gone(f"connections/username/{name}")
            calm = 0 if self._look(f"connections/username/{name}") else calm + 1
            if calm == CALM_LOOKS:
                return
            self._sleep(LOOK_SECONDS)
        raise ManagementError(f"connections of {name} do not end: close them in the management UI, then run this again")

    def remove(self, grant: Grant) -> None:
        """Remove the login first, then its queues with their messages, its policies and its record."""
        self._gone(f"users/{grant.name}")
        self.disconnect(grant.name)
        for queue in self.queues(grant):
            self._gone(f"queues/{self._host}/{quote(queue['name'], safe='')}")
        self._gone(f"operator-policies/{self._host}/{policy_name(grant.name)}")
        self._gone(f"policies/{self._host}/{replay_policy_name(grant.name)}")
        self._gone(f"global-parameters/{quote(self._parameter(grant.name), safe='')}")

    def queues(self, grant: Grant) -> list[dict[str, Any]]:
        """Return its queues and its stream as the management API lists them."""
        return [queue for queue in self._ask("GET", f"queues/{self._host}") if queue["name"].startswith(grant.prefix)]

    def connections(self, name: str) -> list[dict[str, Any]]:
        """Return its open connections. The management API lists a new one after some seconds."""
        return [connection for connection in self._ask("GET", "connections") if connection.get("user") == name]

    def handed_out(self, queue: str) -> list[dict[str, Any]]:
        """Return samples of the number of messages that the broker delivered from a queue."""
        path = f"queues/{self._host}/{quote(queue, safe='')}?msg_rates_age={REMEMBERED}&msg_rates_incr={SAMPLE}"
        stats = self._ask("GET", path).get("message_stats") or {}
        return list((stats.get("deliver_get_details") or {}).get("samples") or [])

    def has_stream(self, grant: Grant) -> bool:
        """Return whether its log of the past exists, with exactly the granted bindings."""
        if grant.replay_stream not in {queue["name"] for queue in self.queues(grant)}:
            return False
        return is_exact(self._bindings(grant.replay_stream), grant)

    def make_stream(self, grant: Grant) -> None:
        """Create its log of the past, empty and without bindings. Deletes an existing one first."""
        self._gone(f"queues/{self._host}/{quote(grant.replay_stream, safe='')}")
        self._ask("POST", "definitions", stream_document(grant, self._vhost))

    def bind_stream(self, grant: Grant) -> None:
        """Bind its log, so that it collects events from now on."""
        self._ask("POST", "definitions", stream_bindings(grant, self._vhost))

    def listeners(self) -> list[dict[str, Any]]:
        """Return the addresses on which the broker listens."""
        return list(self._ask("GET", "overview")["listeners"])

    def _make_queues(self, grant: Grant) -> None:
        self._ask("PUT", f"operator-policies/{self._host}/{policy_name(grant.name)}", operator_policy(grant))
        self._ask("POST", "definitions", queues_document(grant, self._vhost))

    def _bar(self, grant: Grant) -> None:
        """Allow no new connection."""
        self._set_limits(grant, suspended=True)

    def _limit(self, subscriber: Subscriber) -> None:
        """Set the number of connections and channels: none for a suspended subscriber."""
        self._set_limits(subscriber.grant, suspended=subscriber.suspended is not None)

    def _set_limits(self, grant: Grant, *, suspended: bool) -> None:
        for what, value in user_limits(grant, suspended=suspended).items():
            self._ask("PUT", f"user-limits/{grant.name}/{what}", {"value": value})

    def _give_rights(self, grant: Grant) -> None:
        for rule in topic_permissions(grant):
            self._ask("PUT", f"topic-permissions/{self._host}/{grant.name}", rule)
        self._ask("PUT", f"permissions/{self._host}/{grant.name}", permission(grant))

    def _drop_what_is_not_granted(self, grant: Grant) -> None:
        keep_stream = bool(grant.replay_days) and self.has_stream(grant)
        for queue in (queue["name"] for queue in self.queues(grant)):
            if queue in grant.queue_names:
                self._unbind_surplus(queue, grant)
            elif queue != grant.replay_stream or not keep_stream:
                self._gone(f"queues/{self._host}/{quote(queue, safe='')}")
        if not grant.replay_days:
            self._gone(f"policies/{self._host}/{replay_policy_name(grant.name)}")

    def _unbind_surplus(self, queue: str, grant: Grant) -> None:
        """Take away every binding that the operator did not make, and look again until there is none."""
        for _ in range(LOOKS):
            rows = surplus(self._bindings(queue), grant)
            if not rows:
                return
            for row in rows:
                parts = ("e", row["source"], "q", queue, row["properties_key"])
                self._gone(f"bindings/{self._host}/{'/'.join(quote(part, safe='') for part in parts)}")
            self._sleep(LOOK_SECONDS)
        raise ManagementError(f"{queue} gets new bindings again and again: suspend {grant.name}, then run this again")

    def _bindings(self, queue: str) -> list[dict[str, Any]]:
        return list(self._ask("GET", f"queues/{self._host}/{quote(queue, safe='')}/bindings"))

    def _refuse_taken(self, name: str) -> None:
        user = self._look(f"users/{name}")
        if user is None:
            return
        if TAG not in user["tags"]:
            raise LoginTaken(f"the broker has another login '{name}': choose another name")
        for record in self._ask("GET", "global-parameters"):
            if record["name"].startswith("concord-subscriber:") and record["name"].endswith(f":{name}"):
                raise LoginTaken(f"'{name}' is already a subscriber ({record['name']}): choose another name")

    def _parameter(self, name: str) -> str:
        return parameter(self._vhost, name)

    def _look(self, path: str) -> Any:
        try:
            return self._ask("GET", path)
        except ManagementError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    def _gone(self, path: str) -> None:
        """Delete an object that may not exist."""
        try:
            self._ask("DELETE", path)
        except ManagementError as error:
            if error.status != NOT_FOUND:
                raise

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return self._management.call(method, f"/api/{path}", body)


def parameter(vhost: str, name: str) -> str:
    """Return the name of a subscriber's record among the broker's global parameters."""
    return f"concord-subscriber:{vhost}:{name}"


def recorded(parameters: Sequence[Mapping[str, Any]], vhost: str) -> list[Subscriber]:
    """Return the subscribers of a virtual host, by name, from the broker's global parameters."""
    mine = [record["value"] for record in parameters if record["name"].startswith(parameter(vhost, ""))]
    return sorted(map(of_record, mine), key=lambda subscriber: subscriber.grant.name)


def of_record(record: Mapping[str, Any]) -> Subscriber:
    grant: Mapping[str, Any] = record["grant"]
    lists = {name: tuple(grant[name]) for name in ("types", "areas", "categories", "queues")}
    limits = Limits(**grant["limits"])
    return Subscriber(
        Grant(grant["name"], replay_days=grant["replay_days"], limits=limits, **lists),
        record["added"],
        record["secret_since"],
        record["suspended"],
    )

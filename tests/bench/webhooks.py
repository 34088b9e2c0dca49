"""Webhooks: 200 endpoints of which 20 hang; how long the others wait for an event.

Each endpoint is granted one of twenty areas; four events a second are published, so that each goes to ten endpoints of
which one hangs. The delay runs from just before an event is
published to its request having come in at a healthy receiver: through the broker, notification's inbox, the queue of
deliveries, a TLS connection. Receivers are threads of this program and share the machine.
"""

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pika  # type: ignore[import-untyped]
from broker import Broker
from figures import HERE, Figure, percentile, run, say
from stage import Service, Stage, stage

from concord_contracts import CONTENT_TYPE, Codec, Event, Keyrings, new_event
from concord_contracts.messages import ConcernWithdrawn

sys.path.insert(0, str(HERE.parent / "integration"))

from webhook_receiver import Authority, Got, Receiver, Reply

ENDPOINTS, HANGING = 200, 20
AREAS = 20
EVENTS, QUICK_EVENTS = 240, 60
EVENTS_A_SECOND = 4
HANG_SECONDS = 60.0
KIND = "concern.withdrawn.v1"


def hangs(path: str) -> bool:
    """Endpoints are /0 to /199; the first of each area hangs."""
    return int(path[1:]) < HANGING


def area(number: int) -> str:
    return f"B{number % AREAS}"


def reply(got: Got) -> Reply:
    return Reply(hang=HANG_SECONDS) if hangs(got.path) else Reply()


def add_endpoints(service: Service, token: str, receiver: Receiver) -> None:
    for number in range(ENDPOINTS):
        wish = {"name": f"e{number}", "url": receiver.url(f"/{number}"), "types": [KIND], "areas": [area(number)]}
        request = urllib.request.Request(
            f"http://127.0.0.1:{service.port}/v1/webhooks",
            data=json.dumps(wish).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        urllib.request.urlopen(request, timeout=10).close()


def event(number: int) -> Event[ConcernWithdrawn]:
    now = datetime.now(UTC)
    data = ConcernWithdrawn(
        concern_id=f"bench{number:06}", category="noise", area=area(number), team=None, channel="web", withdrawn_at=now
    )
    return new_event(data, sequence=1, time=now)


def publish(broker: Broker, events: int) -> dict[str, float]:
    """The moment (monotonic) at which each event was sent."""
    codec, sent = Codec(Keyrings({})), {}
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2)
    begun = time.monotonic()
    for number in range(events):
        broker.await_(lambda until=begun + number / EVENTS_A_SECOND: time.monotonic() >= until, 10)
        made = event(number)
        encoded = codec.encode(made)
        sent[made.id] = time.monotonic()
        broker.channel.basic_publish(encoded.exchange, encoded.routing_key, encoded.body, properties)
    return sent


def delays(on: Stage, events: int) -> tuple[list[float], int]:
    """Seconds for each event at each healthy endpoint, and how many never came."""
    with tempfile.TemporaryDirectory() as folder, on.broker() as broker:
        authority = Authority(Path(folder))
        settings = {
            "CONCORD_SMTP_URL": "smtp://127.0.0.1:9",
            "CONCORD_WEBHOOK_INTERNAL_HOSTS": "localhost",
            "CONCORD_WEBHOOK_CA_FILE": str(authority.ca_file),
        }
        with (
            Receiver(authority.server_context("localhost"), reply) as receiver,
            on.service("notification", broker, **settings) as service,
        ):
            service.await_ready()
            add_endpoints(service, on.ops_token, receiver)
            before = service.cpu
            sent = publish(broker, events)
            expected = (ENDPOINTS - HANGING) // AREAS * len(sent)
            came = lambda: [each for each in receiver.got if not hangs(each.path)]  # noqa: E731
            try:
                broker.await_(lambda: len(came()) >= expected, 30)
            except TimeoutError:
                say("  some events never came")
            found = [each.at - sent[each.headers["webhook-id"]] for each in came()]
            hung = len(receiver.got) - len(found)
            cpu = (service.cpu - before) / max(1, len(found)) * 1000
            say(f"  {hung} attempts at those that hang; {cpu:.1f} ms of CPU time for each delivery")
            return found, expected - len(found)


def measure(options: argparse.Namespace) -> Sequence[Figure]:
    with stage(postgres=options.postgres) as on:
        found, lost = delays(on, QUICK_EVENTS if options.quick else EVENTS)
    note = f"{len(found):,} deliveries, {lost} missing"
    return [
        Figure("webhooks, 20 of 200 hang: delay of the others, p99", percentile(found, 0.99), "s", 2, True, note),
        Figure("the same, median", percentile(found, 0.5), "s"),
        Figure("the same, longest", max(found), "s"),
    ]


if __name__ == "__main__":
    run("Webhooks", measure, __doc__)

"""Routing's timer where more is due than one transaction takes: on PostgreSQL two watchers share it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pika
from boston_sample import BOSTON
from cryptography.fernet import Fernet
from service_process import OPS_TOKEN, ServiceProcess, prepare, until

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_city import Located, load
from concord_contracts import Codec, Keyrings, new_event
from concord_contracts.encryption import RECIPIENTS, variable
from concord_contracts.messages import ConcernSubmitted
from concord_nodes.tcp_ports import choose_port
from concord_routing.adapters.repository import SqlStore
from concord_routing.domain.case_opening import open_case
from concord_routing.domain.promise import first_promises

KEYS = {variable(each): Fernet.generate_key().decode() for each in RECIPIENTS}
CODEC = Codec(Keyrings.from_env(KEYS))
CASES = 1700
LONG_AGO = datetime(2026, 3, 2, 15, tzinfo=UTC)


def fill(url):
    """Cases whose two promises have long been due, and whose residents heard nothing."""
    upgrade(url, "concord_routing")
    city, database = load(BOSTON / "city"), Database(url, SqlStore)
    said = ConcernSubmitted(
        concern_id="c",
        category="graffiti",
        channel="web",
        description="x",
        language="en",
        received_at=LONG_AGO,
        occurred_at=None,
        point=None,
        address=None,
    )
    submission = CODEC.decode(CODEC.encode(new_event(said, sequence=1, time=LONG_AGO)).body).sealed
    first = open_case(city, said, Located(next(iter(city.areas))), submission, "CASE", LONG_AGO)
    with database.begin() as (_, store):
        cases = store.add_cases([replace(first, case_id=f"CASE{n}", concern_id=f"c{n}") for n in range(CASES)])
        store.save_promises([each for case in cases for each in first_promises(case, city)])
    database.dispose()


def told(vhost):
    """What waits for metrics: of each kind and promise, how often each concern has it."""
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
    found = {}
    try:
        channel = connection.channel()
        while (got := channel.basic_get("metrics.events", auto_ack=True))[0]:
            event = CODEC.decode(got[2])
            kind = event.type, getattr(event.data, "promise", None)
            found.setdefault(kind, Counter())[event.partitionkey] += 1
    finally:
        connection.close()
    return found


def test_each_of_thousands_is_told_of_once(vhost, tmp_path, postgres_url):
    prepare(vhost)
    fill(postgres_url)
    env = {
        "CONCORD_BROKER_URL": vhost.amqp_url,
        "CONCORD_CITY": str(BOSTON / "city"),
        "CONCORD_DATABASE_URL": postgres_url,
        **KEYS,
    }
    database = Database(postgres_url, SqlStore)

    def waits():
        """Tasks about missed promises and about silences, once no event waits to be sent."""
        with database.read() as (tx, store):
            counts = store.counts()
            return not tx.depths().outbox and (counts.missed_open, counts.silent_open) == (CASES, CASES)

    with ServiceProcess("routing", tmp_path, choose_port(0, 0, "HTTP"), env) as routing:
        until(waits)
        assert routing.json("/v1/cases?promise=missed&limit=1", OPS_TOKEN)["cases"]
        log = routing.log.read_text()
    database.dispose()

    once = Counter(f"c{n}" for n in range(CASES))
    assert told(vhost) == {
        ("promise.missed.v1", "acknowledgement"): once,
        ("promise.missed.v1", "response"): once,
        ("concern.fell_silent.v1", None): once,
    }
    assert "Traceback" not in log, log

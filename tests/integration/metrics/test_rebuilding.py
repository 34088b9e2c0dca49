"""Measures rebuilt from the stream are the live ones to the last digit, while events go on coming."""

import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path
from random import Random

import pika
import pytest
from metric_events import (
    AT,
    after,
    at_risk,
    delivered,
    failed,
    feedback,
    fell_silent,
    kept,
    made,
    missed,
    objected,
    received,
    routed,
    unroutable,
    withdrawn,
    worked_story,
)
from service_process import ServiceProcess, prepare, publish, until

from concord_bus.adapters.amqp.stream_reader import first_offset, last_offset
from concord_bus.adapters.sql.database import Database
from concord_bus.settings import BrokerAddress
from concord_contracts import Codec, Keyrings
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.domain.aggregate_columns import COUNTS
from concord_metrics.domain.aggregates import aggregate_facts, count_of, sum_aggregates
from concord_metrics.domain.concern_facts import Fact, merge_event
from concord_nodes.tcp_ports import choose_port

CODEC = Codec(Keyrings({}))
QUESTIONS = (
    "/v1/summary?as_of=2026-12-01",
    "/v1/summary?from=2026-11-20&to=2026-11-22&as_of=2026-12-01&area=B2",
    "/v1/trend?by=day&as_of=2026-12-01",
    "/v1/map?as_of=2026-12-01&outlines=no",
    "/v1/promises/at-risk?limit=200",
)


@pytest.fixture
def env(vhost, databases):
    prepare(vhost)
    return {
        "CONCORD_BROKER_URL": vhost.amqp_url,
        "CONCORD_DATABASE_URL": databases,
        "CONCORD_TIME_ZONE": "America/New_York",
    }


def story(number):
    concern, area = f"c{number}", ("B2", "C6", "D4")[number % 3]
    yield received(concern)
    yield unroutable(concern) if number % 7 == 0 else routed(concern, area=area, team=area.lower())
    yield from worked_story(concern, number)
    yield made(f"p{number}", 11, concern)
    yield (kept, missed, at_risk)[number % 3](f"p{number}", 12, concern, due_at=after(60 * number))
    yield delivered(concern, notice="resolved") if number % 2 else failed(concern)
    if number % 4 == 0:
        yield feedback(concern, fixed=number % 8 == 0, voice=1 + number % 5)
        yield objected(concern)
    if number % 9 == 0:
        yield withdrawn(concern)
        yield fell_silent(concern)


def shuffled(numbers, seed):
    line = [event for number in numbers for event in story(number)]
    line += line[::3]
    Random(seed).shuffle(line)
    return line


LAUNCHER = (str(Path(sys.executable).with_name("concord")),)
"""The installed command, which the reading processes import again."""
MODULE = (sys.executable, "-W", "ignore", "-m", "concord_cli")


def replay(env, *options, command=MODULE):
    return subprocess.Popen(
        [*command, "replay", "metrics", "--workers", "2", *options],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def figures(metrics):
    return {question: metrics.json(question) for question in QUESTIONS}


def counts(numbers):
    """What the stories of these concerns add up to, from scratch."""
    facts = {}
    for event in (event for number in numbers for event in story(number)):
        facts[event.partitionkey] = merge_event(facts.get(event.partitionkey, Fact(event.partitionkey)), event)
    aggregate = sum_aggregates(aggregate_facts(facts.values(), UTC).values())
    return {name: count_of(aggregate, name) for name in COUNTS}


def break_live(env):
    """What a mistake of an earlier version may have left: a concern too many in the sums."""
    database = Database(env["CONCORD_DATABASE_URL"], SqlStore)
    with database.begin() as (_, store):
        cells = store.daily(None, None)
        store.add({(AT.date(), *group): aggregate for group, aggregate in list(cells.items())[:1]})
    database.dispose()


def test_rebuilt_measures_are_the_live_ones_to_the_last_digit(tmp_path, env, vhost):
    with ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env) as metrics:
        publish(vhost.amqp_url, CODEC, shuffled(range(100), 1))
        until(lambda: metrics.ledger()["measured"] == 100)
        running = replay(env, command=LAUNCHER)
        publish(vhost.amqp_url, CODEC, shuffled(range(50, 160), 2))
        out, err = running.communicate(timeout=120)
        assert running.returncode == 0, err
        assert "The new measures are live" in out
        assert "events read" in err
        until(lambda: counts(range(160)).items() <= metrics.json(QUESTIONS[0])["totals"].items())
        rebuilt = figures(metrics)
        publish(vhost.amqp_url, CODEC, shuffled(range(10), 3))

        assert rebuilt[QUESTIONS[0]]["totals"]["answered"] == 40

        break_live(env)
        assert figures(metrics) != rebuilt
        repaired = replay(env)
        assert repaired.wait(120) == 0, repaired.stderr.read()
        assert figures(metrics) == rebuilt


def test_what_the_stream_no_longer_holds_is_not_lost_unasked(tmp_path, env, vhost):
    with ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env) as metrics:
        publish(vhost.amqp_url, CODEC, [received("c1"), routed("c1")])
        until(lambda: metrics.ledger()["measured"] == 1)
        database = Database(env["CONCORD_DATABASE_URL"], SqlStore)
        with database.begin() as (_, store):
            store.save(list(store.facts(["older"]).values()))
        database.dispose()

        refused = replay(env)
        _, err = refused.communicate(timeout=60)
        assert refused.returncode == 1
        assert "2" in err
        assert "--allow-fewer" in err
        allowed = replay(env, "--allow-fewer")
        assert allowed.wait(60) == 0
        assert metrics.ledger()["concerns"] == 1


def test_events_that_the_stream_lacks_are_named_before_anything_is_switched(tmp_path, env, vhost):
    with ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env) as metrics:
        publish(vhost.amqp_url, CODEC, [received("c1"), routed("c1")])
        lost = received("c2")
        past_the_stream = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
        body = CODEC.encode(lost).body
        kind = pika.BasicProperties(content_type="application/cloudevents+json", delivery_mode=2)
        past_the_stream.channel().basic_publish("", "metrics.events", body, kind)
        past_the_stream.close()
        publish(vhost.amqp_url, CODEC, [received("c3")])
        until(lambda: metrics.ledger()["concerns"] == 3)
        before = figures(metrics)

        refused = replay(env)
        _, err = refused.communicate(timeout=60)
        assert refused.returncode == 1
        assert "The stream lacks 1 of 4 events that metrics handled" in err
        assert f": {lost.id}." in err
        assert figures(metrics) == before
        allowed = replay(env, "--allow-fewer")
        out, _ = allowed.communicate(timeout=60)
        assert allowed.returncode == 0
        assert "Events that the old measures counted and the stream lacks: 1." in out
        assert metrics.ledger()["concerns"] == 2


def test_the_offsets_of_a_stream(vhost):
    prepare(vhost)
    address = BrokerAddress.parse(vhost.amqp_url)
    assert last_offset(address, "test", "concord.log", quiet=0.2) is None
    publish(vhost.amqp_url, CODEC, [received(f"c{number}") for number in range(3000)])
    until(lambda: last_offset(address, "test", "concord.log", quiet=0.2) == 2999)

    assert first_offset(address, "test", "concord.log", "first") == 0
    assert first_offset(address, "test", "concord.log", 2500) == 2500

"""Metrics with a real broker: every public event is measured once, whatever happens on the way."""

import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from metric_events import AT, at_risk, delivered, feedback, received, resolved, routed, unroutable, worked_story
from service_process import ServiceProcess, prepare, publish, until

from concord_contracts import Codec, Keyrings
from concord_metrics.measures import MEASURES
from concord_nodes.tcp_ports import choose_port

CODEC = Codec(Keyrings({}))
CONCERNS = 120
CITY = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"


def events():
    for number in range(CONCERNS):
        concern = f"c{number}"
        yield received(concern)
        yield unroutable(concern) if number % 6 == 5 else routed(concern, area=f"A{number % 4}")
        if number % 5 == 0:
            yield delivered(concern)


@pytest.fixture
def env(vhost, databases):
    prepare(vhost)
    return {
        "CONCORD_BROKER_URL": vhost.amqp_url,
        "CONCORD_DATABASE_URL": databases,
        "CONCORD_TIME_ZONE": "America/New_York",
    }


def serve(tmp_path, env):
    return ServiceProcess("metrics", tmp_path, choose_port(0, 0, "HTTP"), env)


def test_events_are_measured_once_and_survive_a_kill(tmp_path, env, vhost):
    line = list(events())
    line += line[::3]
    Random(7).shuffle(line)
    half = len(line) // 2
    with serve(tmp_path, env) as metrics:
        publish(vhost.amqp_url, CODEC, line[:half])
        until(lambda: metrics.ledger()["concerns"] > 0)
        metrics.kill()
    publish(vhost.amqp_url, CODEC, line[half:])

    with serve(tmp_path, env) as metrics:
        until(lambda: metrics.ledger()["measured"] == CONCERNS and metrics.ledger()["handled"] == 264)
        ledger = metrics.ledger()
        totals = metrics.json("/v1/summary?from=2026-11-22&to=2026-11-22")["totals"]
        nothing = metrics.json("/v1/summary?to=2026-11-21")
        exposition = metrics.get("/metrics")[1]

    assert ledger == {
        "concerns": 120,
        "received": 120,
        "routed": 100,
        "unroutable": 20,
        "measured": 120,
        "notified": 24,
        "notification_failed": 0,
        "outbox": 0,
        "waiting": 0,
        "parked": 0,
        "handled": 264,
    }
    assert (totals["received"], totals["routed"], totals["unroutable_share"]) == (120, 100, pytest.approx(1 / 6))
    assert totals["time_to_route"]["mean"] == 2.0
    assert (nothing["totals"]["received"], nothing["by_area"]) == (0, [])
    assert "concord_concerns_received_total 120.0" in exposition
    assert 'concord_concerns_routed_by_area_total{area="A1"}' in exposition
    assert 'concord_time_to_route_seconds_bucket{le="5.0"} 100.0' in exposition


def test_worked_cases_are_measured_and_none_of_their_events_is_parked(tmp_path, env, vhost):
    line = [make(f"c{number}") for number in range(60) for make in (received, routed)]
    line += [event for number in range(60) for event in worked_story(f"c{number}", number)]
    line += line[::4]
    Random(11).shuffle(line)
    with serve(tmp_path, env) as metrics:
        publish(vhost.amqp_url, CODEC, line)
        wanted = {"decided": 60, "acknowledged": 30, "resolved": 30, "closed": 30, "referred": 10, "reopenings": 30}
        until(lambda: wanted.items() <= metrics.json("/v1/summary")["totals"].items())
        until(lambda: metrics.json("/v1/summary")["totals"]["open"] == 20)
        until(
            lambda: metrics.json("/v1/summary")["totals"]["time_to_first_word"]["count"] == 50
        )  # times are kept a while
        totals = metrics.json("/v1/summary")["totals"]
        exposition = metrics.get("/metrics")[1]
        ledger = metrics.ledger()

    assert (ledger["measured"], ledger["parked"], ledger["waiting"]) == (60, 0, 0)
    assert totals["time_to_human_acknowledgement"]["mean"] == 60
    assert totals["time_to_first_word"]["count"] == 50
    assert (totals["time_to_resolve"]["count"], totals["time_to_acknowledge"]["count"]) == (30, 0)
    assert "concord_cases_open 20.0" in exposition
    assert 'concord_cases_open_by_team{team="c6"} 10.0' in exposition
    assert "concord_concerns_declined_total 10.0" in exposition


def test_answers(tmp_path, env):
    with serve(tmp_path, env) as metrics:
        empty = metrics.json("/v1/summary")
        assert (empty["totals"]["received"], empty["totals"]["unroutable_share"]) == (0, None)
        assert empty["time_zone"] == "America/New_York"
        for query, field in (
            ("from=yesterday", "from"),
            ("to=2026-02-30", "to"),
            ("from=2026-11-23&to=2026-11-01", "from"),
            ("form=2026-11-22", "form"),
            ("area=a&area=b", "area"),
        ):
            status, body = metrics.get(f"/v1/summary?{query}")
            assert status == 400, query
            assert json.loads(body)["errors"][0]["field"] == field
        assert len(metrics.json("/v1/measures")["measures"]) == len(MEASURES)
        assert metrics.get("/healthz")[0] == 200
        assert metrics.get("/v1/ledger")[0] == metrics.get("/v1/ledger", "wrong")[0] == 401
        assert set(metrics.ledger().values()) == {0}
        assert "/v1/summary" in metrics.json("/openapi.json")["paths"]
        assert "concord_concerns_received_total 0.0" in metrics.get("/metrics")[1]


def test_charts(tmp_path, env, vhost):
    line = [make(f"c{number}") for number in range(30) for make in (received, routed)]
    line += [event for number in range(30) for event in worked_story(f"c{number}", number)]
    line += [at_risk(f"p{number}", 9, f"c{number}", due_at=AT + timedelta(hours=number)) for number in range(0, 30, 6)]
    line += [at_risk(f"p{number}", 9, f"c{number}", due_at=AT + timedelta(hours=number)) for number in range(1, 30, 6)]
    with serve(tmp_path, {**env, "CONCORD_CITY": str(CITY)}) as metrics:
        publish(vhost.amqp_url, CODEC, line)
        until(lambda: metrics.json("/v1/summary")["totals"]["promises_made"] == 10)
        until(lambda: metrics.ledger()["measured"] == 30 and metrics.json("/v1/summary")["totals"]["open"] == 10)
        as_of = "as_of=2026-11-30T00:00:00Z"
        totals = metrics.json(f"/v1/summary?{as_of}")["totals"]
        trend = metrics.json(f"/v1/trend?by=week&from=2026-11-09&{as_of}")
        shown = metrics.json(f"/v1/map?{as_of}")
        risks = metrics.json("/v1/promises/at-risk?limit=3")["promises"]
        latest = metrics.json("/v1/events/latest?limit=5")["events"]
        refused = {
            path: metrics.get(path)[0]
            for path in (
                "/v1/trend?by=year",
                "/v1/trend?by=day&from=1990-01-01",
                "/v1/trend?from=2026-11-22&to=2026-11-01",
                "/v1/map?area=B2",
                "/v1/map?as_of=soon",
                "/v1/promises/at-risk?limit=0",
                "/v1/events/latest?limit=9999",
            )
        }

    assert (totals["time_to_resolve"]["count"], totals["time_to_resolve"]["waiting"]) == (15, 15)
    assert totals["promises_at_risk"] == totals["promises_open"] == 5
    assert [each["start"] for each in trend["steps"]] == ["2026-11-09", "2026-11-16", "2026-11-23"]
    assert sum(each["received"] for each in trend["steps"]) == 30
    assert sum(each["resolved"] for each in trend["steps"]) == 15
    assert trend["steps"][-1]["open"] == totals["open"] == 10
    areas = {each["area"]: each for each in shown["areas"]}
    assert (areas["B2"]["name"], areas["B2"]["received"], areas["C6"]["promises_at_risk"]) == ("Roxbury", 25, 5)
    assert sum(each["received"] for each in shown["areas"]) == 30
    assert len(shown["outlines"]["features"]) == len(areas) == 12
    assert [each["promise_id"] for each in risks] == ["p1", "p7", "p13"]
    assert (risks[0]["case_id"], risks[0]["area"], risks[0]["team"]) == ("case-c1", "C6", "c6")
    assert len({each["event_id"] for each in latest}) == 5
    assert set(refused.values()) == {400}


def test_export(tmp_path, env, vhost):
    line = [received("c1", category="=HYPERLINK(1)"), received("c2"), routed("c2"), resolved("c2")]
    line += [event for number in range(12) for event in (routed(f"f{number}"), feedback(f"f{number}"))]
    with serve(tmp_path, env) as metrics:
        publish(vhost.amqp_url, CODEC, line)
        until(lambda: metrics.json("/v1/summary")["totals"]["answered"] == 12)
        until(lambda: metrics.json("/v1/summary")["totals"]["resolved"] == 1)
        index = metrics.json("/v1/export")
        for each in index["exports"]:
            for by in ("all", "area"):
                table = list(csv.DictReader(StringIO(metrics.get(f"{each['csv']}?by={by}")[1])))
                figures = metrics.json(f"{each['json']}?by={by}")
                assert len(table) == len(figures["figures"]) > 0
                assert all(row["formula"] == figures["formula"] == each["formula"] for row in table)
                assert set(figures["figures"][0]) <= set(table[0])
        categories = metrics.get("/v1/export/received.csv?by=category")[1]
        heard = metrics.json("/v1/export/felt_heard.json?by=area")["figures"]
        took = metrics.json("/v1/export/time_to_resolve.json?as_of=2026-12-01")["figures"]
        refused = {path: metrics.get(path)[0] for path in ("/v1/export/x.csv", "/v1/export/received.csv?by=day")}

    assert len(index["exports"]) == len(MEASURES)
    assert ",'=HYPERLINK(1),1" in categories
    assert {each["group"]: (each["value"], each["count"]) for each in heard} == {"B2": (1.0, 12), None: (None, 0)}
    assert [(each["count"], each["waiting"], each["median"]) for each in took] == [(1, 13, None)]
    assert list(refused.values()) == [404, 400]


def test_days_are_counted_anew_when_the_city_s_time_zone_changes(tmp_path, env, vhost):
    late = received("late", received_at=AT + timedelta(hours=12))
    with serve(tmp_path, env) as metrics:
        publish(vhost.amqp_url, CODEC, [late])
        until(lambda: metrics.ledger()["received"] == 1)
        assert metrics.json("/v1/summary?to=2026-11-22")["totals"]["received"] == 1

    with serve(tmp_path, {**env, "CONCORD_TIME_ZONE": "UTC"}) as metrics:
        assert metrics.json("/v1/summary?to=2026-11-22")["totals"]["received"] == 0
        assert metrics.json("/v1/summary?from=2026-11-23")["totals"]["received"] == 1


def test_two_processes_on_one_postgresql_measure_as_one(tmp_path, vhost, postgres_url):
    prepare(vhost)
    env = {"CONCORD_BROKER_URL": vhost.amqp_url, "CONCORD_DATABASE_URL": postgres_url, "CONCORD_BATCH": "20"}
    line = list(events()) * 2
    Random(3).shuffle(line)
    with serve(tmp_path, env) as one, serve(tmp_path, env) as other:
        until(lambda: consumers(vhost) == 2)
        publish(vhost.amqp_url, CODEC, line)
        until(lambda: one.ledger()["measured"] == CONCERNS and one.ledger()["notified"] == 24)
        until(lambda: one.ledger() == other.ledger())
        ledger, summary = one.ledger(), one.json("/v1/summary")

    assert (ledger["routed"], ledger["unroutable"], ledger["parked"]) == (100, 20, 0)
    assert summary["totals"]["time_to_acknowledge"]["count"] == 24
    assert summary["totals"]["received"] == sum(each["received"] for each in summary["by_area"])


def consumers(vhost):
    """How many processes take from metrics' queue."""
    return vhost.node.management.call("GET", f"/api/queues/{vhost.name}/metrics.events").get("consumers")

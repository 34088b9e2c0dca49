"""Routing with a real broker and database: each concern becomes one case, whatever happens on the way."""

import json
from collections import Counter
from random import Random

import pika
import pytest
from boston_sample import ADDRESS, BOSTON, records, submissions
from cryptography.fernet import Fernet
from openapi_spec_validator import OpenAPIV31SpecValidator
from service_process import OPS_TOKEN, ServiceProcess, prepare, publish, until

from concord_bus.topology.definitions import definitions
from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, variable
from concord_nodes.tcp_ports import choose_port

KEYS = {variable(each): Fernet.generate_key().decode() for each in RECIPIENTS}
CODEC = Codec(Keyrings.from_env(KEYS))
NO_PLACE = {"placeholder", "no_location"}


@pytest.fixture
def start(vhost, tmp_path):
    """Starts routing on a database, as its own login, which may do nothing but its work."""
    prepare(vhost)
    node = vhost.node
    node.management.import_definitions(definitions({"routing": "its-password"}, vhost.name))
    env = {
        "CONCORD_BROKER_URL": node.amqp_url("routing", "its-password", vhost.name),
        "CONCORD_CITY": str(BOSTON / "city"),
        **KEYS,
    }

    def started(database, **more):
        given = {**env, "CONCORD_DATABASE_URL": database, **more}
        return ServiceProcess("routing", tmp_path, choose_port(0, 0, "HTTP"), given)

    return started


def cases(routing, query="limit=1000"):
    """All cases, page by page."""
    found, page = [], routing.json(f"/v1/cases?{query}", OPS_TOKEN)
    while True:
        found += page["cases"]
        if page["next"] is None:
            return found
        page = routing.json(f"/v1/cases?{query}&after={page['next']}", OPS_TOKEN)


def told(vhost):
    """Where concerns went, as it waits for metrics, with its routing key."""
    connection = pika.BlockingConnection(pika.URLParameters(vhost.amqp_url))
    found = []
    try:
        channel = connection.channel()
        while (got := channel.basic_get("metrics.events", auto_ack=True))[0]:
            if got[0].routing_key.startswith(("concern.routed", "concern.unroutable")):
                found.append((got[0].routing_key, got[2]))
    finally:
        connection.close()
    return found


def tasks(routing):
    """All of them: timers add some for each promise of so old a concern."""
    found, after = [], 0
    while after is not None:
        page = routing.json(f"/v1/tasks?limit=1000&after={after}", OPS_TOKEN)
        found, after = found + page["tasks"], page["next"]
    return found


def consumers(vhost):
    return vhost.node.management.call("GET", f"/api/queues/{vhost.name}/routing.submitted").get("consumers")


def settled(routing, wanted):
    ledger = routing.ledger()
    return ledger["cases"] >= wanted and ledger["outbox"] == ledger["waiting"] == 0


def promises_missed(routing):
    return all(case["promise"] == "missed" for case in cases(routing) if case["respond_by"])


def test_the_sample_is_routed_as_the_city_recorded_it_though_the_process_is_killed(vhost, start, sqlite_url):
    line = submissions()
    with start(sqlite_url) as routing:
        publish(vhost.amqp_url, CODEC, line[:900])
        until(lambda: routing.ledger()["cases"] > 0)
        routing.kill()
    publish(vhost.amqp_url, CODEC, line[900:] + line[::10])

    with start(sqlite_url) as routing:
        until(lambda: settled(routing, 2000), 90)
        ledger, found = routing.ledger(), cases(routing)
        waiting = tasks(routing)
        exposition, log = routing.get("/metrics")[1], routing.log.read_text()

    assert (ledger["cases"], ledger["routed"], ledger["unroutable"], ledger["tasks_open"]) == (2000, 1861, 139, 139)
    assert (ledger["outbox"], ledger["waiting"], ledger["parked"]) == (0, 0, 0)
    assert Counter(each["concern_id"] for each in found) == dict.fromkeys(records(), 1)
    assert len({each["case_id"] for each in found}) == 2000
    judged = [each for each in found if each["reason"] not in NO_PLACE and records()[each["concern_id"]]["n_area"]]
    agreeing = sum(each["area"] == records()[each["concern_id"]]["n_area"] for each in judged)
    assert len(judged) > 1800
    assert agreeing / len(judged) >= 0.99
    unroutable = {each["case_id"]: each["reason"] for each in found if each["reason"]}
    choose = [each for each in waiting if each["kind"] == "triage"]
    assert {each["case_id"]: each["reason"] for each in choose} == unroutable
    assert any(each["border"] for each in found)
    assert all(each["status"] == ("triage" if each["reason"] else "routed") for each in found)
    assert 'concord_routing_cases_total{outcome="routed"} 1861.0' in exposition
    assert f'outcome="placeholder"}} {Counter(unroutable.values())["placeholder"]}.0' in exposition
    assert "concord_routing_tasks_open 139.0" in exposition

    events = told(vhost)
    first = {event.partitionkey: (key, event) for key, event in ((key, CODEC.decode(body)) for key, body in events)}
    causes = {each.partitionkey: each for each in line}
    assert set(first) == set(records())
    assert len({CODEC.decode(body).id for _, body in events}) == 2000
    for case in found:
        key, event = first[case["concern_id"]]
        assert (event.data.case_id, event.sequence) == (case["case_id"], 1)
        assert event.causationid == causes[case["concern_id"]].id
        outcome, area = ("unroutable", "_") if case["reason"] else ("routed", case["area"])
        assert key == f"concern.{outcome}.v1.{area}.{case['category']}"

    shown = b"".join(body for _, body in events).decode() + json.dumps(found) + exposition + log
    for secret in ("says the neighbour", ADDRESS, records()[line[5].partitionkey]["n_lat"], *KEYS.values()):
        assert secret not in shown


def test_two_processes_on_one_postgresql_open_one_case_each(vhost, start, postgres_url):
    again = submissions(400)
    line = submissions(400) + again + again[::4]
    Random(5).shuffle(line)
    with start(postgres_url, CONCORD_BATCH="20") as one, start(postgres_url, CONCORD_BATCH="20") as other:
        until(lambda: consumers(vhost) == 2)
        publish(vhost.amqp_url, CODEC, line)
        until(lambda: settled(one, 400) and not queued(vhost))
        until(lambda: consumed(one) + consumed(other) >= len(line))
        until(lambda: one.ledger() == other.ledger())  # timers tell of what is due meanwhile
        shares, ledger, found = (consumed(one), consumed(other)), one.ledger(), cases(other)

    assert min(shares) > 0
    assert ledger["cases"] == ledger["routed"] + ledger["unroutable"] == 400
    assert ledger["parked"] == 0
    assert Counter(each["concern_id"] for each in found) == dict.fromkeys(list(records())[:400], 1)
    by_id = {event.id: event for event in (CODEC.decode(body) for _, body in told(vhost))}
    assert Counter(each.partitionkey for each in by_id.values()) == dict.fromkeys(list(records())[:400], 1)
    assert {each.data.case_id for each in by_id.values()} == {each["case_id"] for each in found}


def queued(vhost):
    return vhost.node.management.call("GET", f"/api/queues/{vhost.name}/routing.submitted").get("messages", 0)


def consumed(routing):
    """Messages this process has read."""
    lines = [each for each in routing.get("/metrics")[1].splitlines() if each.startswith("concord_bus_consumed_total{")]
    return sum(float(each.rsplit(" ", 1)[1]) for each in lines)


def test_answers(vhost, start, databases):
    with start(databases) as routing:
        assert routing.json("/v1/cases", OPS_TOKEN) == {"cases": [], "next": None}
        assert routing.json("/v1/tasks", OPS_TOKEN) == {"tasks": [], "next": None}
        assert set(routing.ledger().values()) == {0}
        assert 'concord_routing_cases_total{outcome="no_rule"} 0.0' in routing.get("/metrics")[1]
        publish(vhost.amqp_url, CODEC, submissions(60))
        until(lambda: settled(routing, 60) and promises_missed(routing))  # due since 2015, then at rest

        everything = cases(routing)
        assert [each["case_id"] for each in cases(routing, "limit=7")] == [each["case_id"] for each in everything]
        assert [each["case_id"] for each in cases(routing, "limit=60")] == [each["case_id"] for each in everything]
        look_up(routing, everything)
        filters(routing, everything)
        refusals(routing)
        operators_only(routing)
        document = routing.json("/openapi.json")

    OpenAPIV31SpecValidator(document).validate()
    assert {"/v1/cases", "/v1/cases/{case_id}", "/v1/tasks", "/v1/ledger"} <= set(document["paths"])
    parameters = {each["name"]: each["schema"] for each in document["paths"]["/v1/cases"]["get"]["parameters"]}
    assert parameters["limit"]["maximum"] == 1000
    assert parameters["status"]["enum"] == ["routed", "triage"]
    assert parameters["sort"]["enum"] == ["opened", "due"]
    assert "waiting_for_resident" in parameters["state"]["enum"]
    assert set(everything[0]) == set(document["components"]["schemas"]["CaseResponse"]["properties"])


def look_up(routing, everything):
    case = everything[3]
    heard = f"{case['case_id'][:5]}-{case['case_id'][5:]}".lower()
    whole = routing.json(f"/v1/cases/{case['case_id']}", OPS_TOKEN)
    assert {name: whole[name] for name in case} == case
    assert [each["command"] for each in whole["history"]] == ["open"]
    assert routing.json(f"/v1/cases/{heard}", OPS_TOKEN) == whole
    status, body = routing.get("/v1/cases/0000000000", OPS_TOKEN)
    assert (status, "/v1/cases" in json.loads(body)["detail"]) == (404, True)


def filters(routing, everything):
    sample = next(each for each in everything if each["area"])
    for name in ("area", "team", "state", "status", "category", "concern_id"):
        wanted = [each for each in everything if each[name] == sample[name]]
        assert cases(routing, f"limit=2&{name}={sample[name]}") == wanted
    in_triage = [each for each in everything if each["status"] == "triage"]
    assert in_triage
    assert cases(routing, "status=triage") == in_triage
    assert cases(routing, f"reason={in_triage[0]['reason']}&limit=1")[0] == in_triage[0]
    by_due = sorted((each for each in everything if each["respond_by"]), key=lambda each: each["respond_by"])
    by_due += [each for each in everything if each["respond_by"] is None]
    assert cases(routing, "sort=due&limit=7") == by_due
    assert cases(routing, "sort=due&state=triage&limit=1") == in_triage
    assert cases(routing, "area=") == everything
    assert cases(routing, "area=Atlantis") == []


def refusals(routing):
    for path, field in (
        ("/v1/cases?distrct=B2", "distrct"),
        ("/v1/cases?area=B2&area=C6", "area"),
        ("/v1/cases?limit=0", "limit"),
        ("/v1/cases?limit=1001", "limit"),
        ("/v1/cases?limit=ten", "limit"),
        ("/v1/cases?after=-1", "after"),
        ("/v1/cases?status=open", "status"),
        ("/v1/cases?state=open", "state"),
        ("/v1/cases?sort=team", "sort"),
        ("/v1/cases?sort=due&after=7", "after"),
        ("/v1/cases?after=none.7", "after"),
        ("/v1/tasks?sort=due", "sort"),
        ("/v1/cases?reason=routed", "reason"),
        ("/v1/tasks?area=B2", "area"),
    ):
        status, body = routing.get(path, OPS_TOKEN)
        assert status == 400, path
        assert json.loads(body)["errors"][0]["field"] == field


def operators_only(routing):
    for path in ("/v1/cases", "/v1/cases/0000000000", "/v1/tasks", "/v1/ledger", "/v1/cases?distrct=B2"):
        assert routing.get(path)[0] == routing.get(path, "wrong")[0] == 401, path
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        assert routing.get(path)[0] == 200, path

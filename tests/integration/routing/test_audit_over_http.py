"""The audit as an auditor reads it over HTTP."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from access_stage import HERE, OWN, Holder, Stage, bearer
from officer import Officer
from tests.memory.access import verify

from concord_access.audit import Head
from concord_access.domain.hash_chain import Record

WORDS = "The lamp of Alex Example, alex@example.org, was put right."


@pytest.fixture
def stage(vhost, tmp_path, databases):
    made = Stage(vhost, tmp_path, databases)
    with made.routing:
        yield made


def asked(stage, **query):
    """What an auditor is answered."""
    path = f"/v1/audit?{urlencode({name.rstrip('_'): value for name, value in query.items()})}"
    return stage.routing.json(path, bearer("a-1", Holder("auditor")))


def numbers(stage, **query):
    return [each["seq"] for each in asked(stage, **query)["entries"]]


def test_who_did_what(stage):
    first, second = stage.open_cases({(OWN, HERE): 2})[OWN, HERE]
    officer = Officer(stage.routing, stage.key("night-desk", Holder("officer", (OWN,))))
    operator = Officer(stage.routing)
    assert officer.order(first, "acknowledge", {}, '"1"').status == 200
    assert officer.order(first, "update", {"message": WORDS}, '"2"').status == 200
    assert operator.order(second, "resolve", {"reason": WORDS}, '"1"').status == 200

    whole = asked(stage)
    assert whole["next"] is None
    issued, acknowledged, updated, resolved = whole["entries"]
    assert (issued["action"], issued["seq"], issued["previous"]) == ("key.issued", 1, "0" * 64)
    assert (acknowledged["actor"], acknowledged["subject"]) == ("key:night-desk", f"case:{first}")
    assert acknowledged["details"] == {"after": "acknowledged", "before": "routed", "version": 2}
    assert (resolved["actor"], resolved["action"]) == ("operator", "case.resolved")
    assert set(updated) == {"seq", "at", "actor", "action", "subject", "details", "previous", "hash"}
    assert "lamp" not in json.dumps(whole)
    assert "example" not in json.dumps(whole)
    assert proved(whole["entries"]) == Head(4, resolved["hash"])
    assert stage.concord("audit", "verify").stdout.split()[-1] == f"4:{resolved['hash']}"

    assert numbers(stage, actor="key:night-desk") == [2, 3]
    assert numbers(stage, action="case.resolved") == [4]
    assert numbers(stage, subject=f"case:{first}") == numbers(stage, case_id=first.lower()) == [2, 3]
    assert numbers(stage, case_id=f"{first[:4]}-{first[4:]}", actor="operator") == []
    assert numbers(stage, from_=updated["at"]) == [3, 4]
    assert numbers(stage, to=updated["at"]) == [1, 2]
    later = datetime.now(UTC) + timedelta(hours=1)
    assert numbers(stage, from_=acknowledged["at"], to=later.isoformat(), actor="operator") == [4]
    assert paged(stage, 1) == paged(stage, 3) == [1, 2, 3, 4]
    assert paged(stage, 1, actor="key:night-desk") == [2, 3]


def proved(entries):
    """The head of the chain, from nothing but what was answered."""
    texts = [each | {"details": json.dumps(each["details"], sort_keys=True, separators=(",", ":"))} for each in entries]
    head, findings = verify(Record(**each) for each in texts)
    assert findings == []
    return head


def paged(stage, limit, **query):
    found, after = [], {}
    while after is not None:
        page = asked(stage, limit=limit, **query, **after)
        assert len(page["entries"]) <= limit
        found += [each["seq"] for each in page["entries"]]
        after = page["next"] and {"after": page["next"]}
    return found


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"actor": "Alex Example"}, "actor"),
        ({"action": "Case.Resolved"}, "action"),
        ({"subject": "alex@example.org"}, "subject"),
        ({"case_id": "7QK2/../x"}, "case_id"),
        ({"case_id": "7QK2", "subject": "case:7QK2"}, "case_id"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-01T00:00:00"}, "from"),
        ({"to": "9999-12-31T23:59:59-05:00"}, "to"),
        ({"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T00:00:00Z"}, "to"),
        ({"after": "x"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"team": OWN}, "team"),
        ([("actor", "operator"), ("actor", "cli")], "actor"),
    ],
)
def test_bad_input_is_named(one_stage, query, field):
    status, body = one_stage.routing.get(f"/v1/audit?{urlencode(query)}", bearer("a-1", Holder("auditor")))
    problem = json.loads(body)
    assert (status, [each["field"] for each in problem["errors"]]) == (400, [field])
    assert "Example" not in body
    assert "alex" not in body


@pytest.fixture(scope="module")
def one_stage(rabbit, tmp_path_factory):
    """One for all questions that are refused."""
    name, folder = f"refused-{uuid4().hex[:12]}", tmp_path_factory.mktemp("refused")
    rabbit.management.create_vhost(name)
    vhost = SimpleNamespace(node=rabbit, name=name, amqp_url=rabbit.amqp_url(vhost=name))
    made = Stage(vhost, folder, f"sqlite:///{folder / 'routing.db'}")
    with made.routing:
        yield made
    rabbit.management.delete_vhost(name)


def test_who_is_unknown_or_may_not(one_stage):
    assert one_stage.routing.get("/v1/audit")[0] == 401
    for holder in (Holder("officer", (OWN,)), Holder("supervisor", (OWN,)), Holder("auditor", (), (HERE,))):
        status, body = one_stage.routing.get("/v1/audit", bearer("x-1", holder))
        assert (status, json.loads(body)["action"]) == (403, "audit:read")

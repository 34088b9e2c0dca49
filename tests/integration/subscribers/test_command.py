"""`concord subscriber` on a live broker: what it says, what it changes, what it refuses."""

import json

from click.testing import CliRunner
from client_stage import event, eventually
from subscriber_stage import CITY, PARKS, Broker, channel, connects

from concord_cli.commands import concord

OWN = "sub.parks.events"


def test_add_shows_the_secret_once_in_lines_that_are_ready_to_run(city: Broker) -> None:
    place = ["--management", city.node.management_login, "--vhost", city.vhost]
    done = CliRunner().invoke(concord, ["subscriber", "add", "parks", *PARKS, "--city", CITY, *place])
    assert done.exit_code == 0, done.output
    (line,) = [each for each in done.stdout.splitlines() if each.startswith("export CONCORD_URL=")]
    url = line.partition("=")[2].strip("'")
    assert connects(url)
    secret = url.split(":")[2].partition("@")[0]
    assert "pip install" in done.stdout
    assert 'queue="sub.parks.events"' in done.stdout
    compile(done.stdout.partition("<<'END'\n")[2].partition("\nEND\n")[0], "parks_service.py", "exec")
    for command in ("show", "usage", "list"):
        shown = CliRunner().invoke(concord, ["subscriber", command, *(["parks"] if command != "list" else []), *place])
        assert shown.exit_code == 0, shown.output
        assert "parks" in shown.output
        assert secret not in shown.output


def test_what_is_unknown_or_taken_is_refused_with_what_there_is(city: Broker) -> None:
    city.add("parks")
    refused = {
        ("add", "parks", *PARKS, "--city", CITY): "change it with --update",
        ("add", "police", "--types", "concern.routed.v1", "--areas", "B9", "--city", CITY): "the city has no 'B9'",
        ("add", "police", "--types", "concern.routed.v1", "--areas", "B2"): "Set --city to the city folder",
        ("add", "police", "--types", "contact.given.v1"): "is private: only notification may read it",
        ("add", "police", "--types", "concern.routed.v1", "--replay", "31d"): "the log keeps 30 days",
        ("add", "police", "--types", "concern.routed.v1", "--update"): "No subscriber 'police' to change",
        ("add", city.node.user, "--types", "concern.routed.v1"): "is reserved for",
        ("replay", "parks", "--since", "1d"): "has no replay grant",
    }
    for arguments, said in refused.items():
        assert said in city.concord(*arguments, code=2), arguments
    city.node.management.call("PUT", "/api/users/carol", {"password": "secret", "tags": "administrator"})
    try:
        assert "another login 'carol'" in city.concord("add", "carol", "--types", "concern.routed.v1", code=2)
    finally:
        city.node.management.call("DELETE", "/api/users/carol")
    assert "Existing subscribers: parks." in city.concord("rotate", "police", code=1)


def test_update_changes_the_grant_and_keeps_the_secret(city: Broker) -> None:
    url = city.add("parks", *PARKS, "--replay", "30d")
    city.publish(event(1), event(2, area="B3"))
    shorter = city.concord("add", "parks", "--update", *PARKS, "--replay", "9d", "--city", CITY)
    assert shorter["replay"] == {"days": 9, "stream": "sub.parks.replay"}
    policy = city.node.management.call("GET", f"/api/policies/{city.vhost}/concord-sub-parks-replay")
    assert policy["definition"]["max-age"] == "9D"
    narrow = ("--types", "concern.routed.v1", "--areas", "B2", "--categories", "graffiti", "--city", CITY)
    changed = city.concord("add", "parks", "--update", *narrow, "--queues", "events,trial")
    assert (changed["areas"], changed["replay"]) == (["B2"], None)
    assert city.bindings(OWN) == city.bindings("sub.parks.trial") == {"concern.routed.v1.B2.graffiti"}
    names = {each["name"] for each in city.node.management.call("GET", f"/api/queues/{city.vhost}")}
    assert {each for each in names if each.startswith("sub.")} == {OWN, "sub.parks.trial"}
    assert connects(url)
    assert city.concord("show", "parks") == changed


def test_usage_tells_what_waits_and_who_reads(city: Broker) -> None:
    url = city.add("parks")
    city.publish(event(1), event(2))
    eventually(lambda: city.concord("usage", "parks")["queues"][0]["waiting"], 2)
    with channel(url):
        found = eventually(lambda: city.concord("usage", "parks"), lambda usage: bool(usage["connections"]))
    assert found["connections_allowed"] == 2
    assert found["last_seen"]
    assert found["connections"][0]["from"] == "127.0.0.1"
    assert found["connections"][0]["since"].startswith("20")


def test_no_broker_is_told_in_one_line() -> None:
    done = CliRunner().invoke(concord, ["subscriber", "list", "--management", "http://a:b@127.0.0.1:9"])
    assert done.exit_code == 1
    where = "the management API at http://127.0.0.1:9"
    assert done.stderr.strip() == f"Error: no response from {where}: connection refused. Is the plugin enabled?"


def test_doctor_finds_a_login_that_lost_its_bounds_and_update_mends_it(city: Broker) -> None:
    city.add("parks", *PARKS, "--replay", "1d")
    assert doctor(city) == []
    city.node.management.call("DELETE", f"/api/topic-permissions/{city.vhost}/parks")
    what, remedy = doctor(city)[0]
    assert what == "parks has other topic permissions on concord.events than its grant"
    assert "concord subscriber add parks --update" in remedy
    city.concord("add", "parks", "--update", *PARKS, "--replay", "1d", "--city", CITY)
    assert doctor(city) == []


def doctor(city: Broker) -> list[tuple[str, str]]:
    """What it finds wrong about subscribers, with what to do."""
    place = ["--management", city.node.management_login, "--vhost", city.vhost]
    done = CliRunner().invoke(concord, ["doctor", *place, "--json"])
    found = [each for each in json.loads(done.stdout)["findings"] if each["about"] == "subscribers"]
    assert found
    return [(each["what"], each["remedy"]) for each in found if each["level"] != "ok"]

"""A changed city folder on a running routing: cases move on, the audit tells of it once, an error keeps the city."""

import json
import shutil
from collections import Counter

import pytest
from boston_sample import BOSTON, submissions
from click.testing import CliRunner
from cryptography.fernet import Fernet
from service_process import OPS_TOKEN, ServiceProcess, prepare, publish, until

from concord_bus.topology.definitions import definitions
from concord_cli.commands import concord
from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, variable
from concord_nodes.tcp_ports import choose_port

KEYS = {variable(each): Fernet.generate_key().decode() for each in RECIPIENTS}
CODEC = Codec(Keyrings.from_env(KEYS))
CONCERNS = 600


@pytest.fixture
def city(tmp_path):
    return shutil.copytree(BOSTON / "city", tmp_path / "city")


@pytest.fixture
def start(vhost, tmp_path, city, databases):
    prepare(vhost)
    node = vhost.node
    node.management.import_definitions(definitions({"routing": "its-password"}, vhost.name))
    env = {
        "CONCORD_BROKER_URL": node.amqp_url("routing", "its-password", vhost.name),
        "CONCORD_DATABASE_URL": databases,
        "CONCORD_CITY": str(city),
        **KEYS,
    }
    return lambda: ServiceProcess("routing", tmp_path, choose_port(0, 0, "HTTP"), env)


def renamed(city, folder, old, new):
    """A copy of the city in which a district has another code, and so another team."""
    shutil.copytree(city, folder)
    for name in ("areas.geojson", "teams.toml"):
        text = (folder / name).read_text("utf-8")
        assert f'"{old}"' in text or f"district-{old}" in text
        (folder / name).write_text(text.replace(f'"{old}"', f'"{new}"').replace(f"district-{old}", f"district-{new}"))
    return folder


def apply(folder, city):
    result = CliRunner().invoke(concord, ["city", "apply", str(folder), "--to", str(city)])
    assert result.exit_code == 0, result.output


def holders(routing):
    page = routing.json("/v1/cases?limit=1000", OPS_TOKEN)
    return Counter((case["area"], case["team"]) for case in page["cases"])


def in_area(routing, code):
    return sum(number for (area, _), number in holders(routing).items() if area == code)


def changes(routing):
    return routing.json("/v1/audit?action=city.changed", OPS_TOKEN)["entries"]


def test_cases_follow_a_changed_city_while_routing_runs_and_after_a_kill(vhost, start, city, tmp_path):
    with start() as routing:
        publish(vhost.amqp_url, CODEC, submissions(CONCERNS))
        until(lambda: routing.ledger()["cases"] == CONCERNS, 60)
        before = holders(routing)
        moved = in_area(routing, "B2")
        assert before["B2", "district-B2"] > 0
        apply(renamed(city, tmp_path / "new", "B2", "N2"), city)
        until(lambda: in_area(routing, "B2") == 0 and holders(routing)["N2", "district-B2"] == 0, 60)
        after = holders(routing)
        assert in_area(routing, "N2") == moved
        assert after["N2", "district-N2"] == before["B2", "district-B2"]
        assert {place: number for place, number in before.items() if place[0] != "B2"} == {
            place: number for place, number in after.items() if place[0] != "N2"
        }
        [entry] = changes(routing)
        assert entry["details"]["cases_to_hand_over"] == moved
        routing.kill()

    apply(renamed(city, tmp_path / "third", "N2", "S2"), city)
    with start() as routing:
        until(lambda: in_area(routing, "S2") == moved, 60)
        until(lambda: len(changes(routing)) == 2)
        case = next(
            case for case in routing.json("/v1/cases?limit=1000", OPS_TOKEN)["cases"] if case["team"] == "district-S2"
        )
        history = routing.json(f"/v1/cases/{case['case_id']}", OPS_TOKEN)["history"]
        assert [(entry["command"], entry["team"]) for entry in history] == [
            ("open", "district-B2"),
            ("hand_over", "district-N2"),
            ("hand_over", "district-S2"),
        ]


def test_a_folder_with_errors_is_told_and_the_city_stays(vhost, start, city):
    rules = city / "rules.toml"
    good = rules.read_text("utf-8")
    with start() as routing:
        rules.write_text(good.replace('"inspections"', '"inspektions"'), "utf-8")
        until(lambda: json.loads(routing.get("/readyz")[1])["warnings"])
        status, body = routing.get("/readyz")
        assert (status, json.loads(body)["ready"]) == (200, True)
        assert "has errors (rules.toml:39, rules.toml:112)" in json.loads(body)["warnings"][0]
        publish(vhost.amqp_url, CODEC, submissions(50))
        until(lambda: routing.ledger()["cases"] == 50)
        rules.write_text(good, "utf-8")
        until(lambda: not json.loads(routing.get("/readyz")[1])["warnings"])
        assert changes(routing) == []

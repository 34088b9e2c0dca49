"""Each service gets its own login and the keys it needs, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import SERVICES
from concord_cli.common.home_folder import Home
from concord_cli.up.environment import Plan, service_environment


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = Home.open(tmp_path)
    yield opened
    opened.close()


PLAN = Plan(
    city=Path("/cities/boston"),
    broker=BrokerAddress("127.0.0.1", 5672, "", "", "a/b"),
    databases={name: f"sqlite:////data/{name}.db" for name in SERVICES},
    ports={name: 8080 + place for place, name in enumerate(SERVICES)},
    smtp_url="smtp://127.0.0.1:1025",
    mail_from="Concord <concord@example.org>",
)
OURS = {
    "PATH": "/bin",
    "CONCORD_LOG_LEVEL": "DEBUG",
    "SECRET_OF_ANOTHER": "x",
    "CONCORD_MANAGEMENT_URL": "http://a:b@c",
}


def names(home: Home, service: str) -> set[str]:
    return set(service_environment(service, PLAN, home, {}))


SEALING = {f"CONCORD_KEYS_{each}_FILE" for each in ("INTAKE", "ROUTING", "NOTIFICATION")}


def test_keys_go_where_they_are_needed(home: Home) -> None:
    keys = {each: {name for name in names(home, each) if "KEY" in name} for each in SERVICES}
    assert keys == {
        "intake": {*SEALING, "CONCORD_RECEIPT_KEY_FILE", "CONCORD_LINK_KEY_FILE"},
        "routing": {*SEALING, "CONCORD_ACCESS_KEY_FILE"},
        "notification": {"CONCORD_KEYS_NOTIFICATION_FILE", "CONCORD_VAULT_KEYS_FILE", "CONCORD_LINK_KEY_FILE"},
        "metrics": set(),
    }


def test_only_notification_learns_of_the_mail_server(home: Home) -> None:
    assert [each for each in SERVICES if "CONCORD_SMTP_URL" in names(home, each)] == ["notification"]


def test_each_logs_in_as_itself(home: Home) -> None:
    for service in SERVICES:
        env = service_environment(service, PLAN, home, {})
        address = BrokerAddress.parse(env["CONCORD_BROKER_URL"])
        assert (address.user, address.password) == (service, home.secret(f"password-{service}"))
        assert (address.host, address.port, address.vhost) == ("127.0.0.1", 5672, "a/b")
        assert env["CONCORD_DATABASE_URL"] == f"sqlite:////data/{service}.db"
        assert env["CONCORD_HTTP_PORT"] == str(PLAN.ports[service])


def test_no_service_sees_a_secret_of_another(home: Home) -> None:
    for service in SERVICES:
        text = "\n".join(service_environment(service, PLAN, home, OURS).values())
        others = [each for each in SERVICES if each != service]
        assert not [each for each in others if home.secret(f"password-{each}") in text]


def test_little_of_our_own_environment_is_handed_on(home: Home) -> None:
    env = service_environment("metrics", PLAN, home, OURS)
    assert env["CONCORD_LOG_LEVEL"] == "DEBUG"
    assert "SECRET_OF_ANOTHER" not in env
    assert "CONCORD_MANAGEMENT_URL" not in env


def test_metrics_knows_whom_to_look_at_and_looks_at_the_broker_as_who_may_only_look(home: Home) -> None:
    plan = replace(PLAN, management="http://admin:secret@127.0.0.1:15672")
    env = service_environment("metrics", plan, home, {})

    others = "intake=http://127.0.0.1:8080,routing=http://127.0.0.1:8081,notification=http://127.0.0.1:8082"
    assert env["CONCORD_OPS_SERVICES"] == others
    assert env["CONCORD_MANAGEMENT_URL"] == f"http://monitor:{home.secret('password-monitor')}@127.0.0.1:15672"
    assert "CONCORD_OPS_SERVICES" not in names(home, "routing")


def test_without_a_sender_none_is_set(home: Home) -> None:
    plan = Plan(PLAN.city, PLAN.broker, PLAN.databases, PLAN.ports, "smtp://mail.example.org", None)
    assert "CONCORD_MAIL_FROM" not in service_environment("notification", plan, home, {})


def test_links_in_mails_lead_to_intake_unless_another_address_is_given(home: Home) -> None:
    own = service_environment("notification", PLAN, home, {})["CONCORD_PUBLIC_URL"]
    assert own == f"http://127.0.0.1:{PLAN.ports['intake']}"
    given = {"CONCORD_PUBLIC_URL": "https://concerns.example.org"}
    assert service_environment("notification", PLAN, home, given)["CONCORD_PUBLIC_URL"] == given["CONCORD_PUBLIC_URL"]


def test_routing_alone_gets_the_sign_in_and_its_secret_as_an_absolute_path(home: Home) -> None:
    given = {"CONCORD_OIDC_ISSUER": "https://id.example.org", "CONCORD_OIDC_CLIENT_SECRET_FILE": "secret.txt"}
    env = service_environment("routing", PLAN, home, given)
    assert env["CONCORD_OIDC_ISSUER"] == given["CONCORD_OIDC_ISSUER"]
    assert env["CONCORD_OIDC_CLIENT_SECRET_FILE"] == str(Path("secret.txt").absolute())
    assert not any(name.startswith("CONCORD_OIDC") for name in service_environment("intake", PLAN, home, given))


def test_mails_to_teams_link_to_the_desk_only_if_its_address_is_given(home: Home) -> None:
    given = {"CONCORD_DESK_URL": "https://desk.example.org"}
    assert "CONCORD_DESK_URL" not in service_environment("notification", PLAN, home, {})
    assert service_environment("notification", PLAN, home, given)["CONCORD_DESK_URL"] == given["CONCORD_DESK_URL"]


def test_the_management_api_may_be_under_a_path_at_an_ipv6_address(home: Home) -> None:
    plan = replace(PLAN, management="http://admin:secret@[::1]:8080/rabbit")
    url = service_environment("metrics", plan, home, {})["CONCORD_MANAGEMENT_URL"]
    assert url == f"http://monitor:{home.secret('password-monitor')}@[::1]:8080/rabbit"

"""A message is parked: Prometheus sees it, the alert fires; it is dropped, the alert ends. And nobody asks in vain."""

import subprocess
import sys

import pika
import pytest
from deployed import panels
from exported import BROKER, by_services
from promql import VARIABLES
from service_process import until
from watching import Watched


@pytest.fixture(scope="module", autouse=True)
def scraped(watch: Watched) -> None:
    until(lambda: len(watch.prometheus.query("up == 1")) == 3)


def test_a_parked_message_raises_the_alert_until_it_is_dropped(watch: Watched) -> None:
    until(lambda: watch.prometheus.query("concord_bus_parked_messages == 0"))
    assert watch.states("MessagesParked") == set()
    send_nonsense(watch.amqp_url, "metrics.events")

    until(lambda: watch.states("MessagesParked") == {"firing"})
    assert states_in_order(watch) == ["pending", "firing"]
    alerts = watch.prometheus.ask("alerts")["alerts"]
    (alert,) = (each for each in alerts if each["labels"]["alertname"] == "MessagesParked")
    assert alert["labels"]["severity"] == "warning"
    assert alert["annotations"]["summary"] == "1 messages of metrics wait for a person"
    assert "concord parked list metrics" in alert["annotations"]["description"]

    concord("parked", "drop", "metrics", "1", "--why", "a test's message", "--database", watch.database)
    until(lambda: watch.states("MessagesParked") == set())


def test_queues_of_services_that_do_not_run_have_no_reader(watch: Watched) -> None:
    def unread() -> set[str]:
        firing = watch.prometheus.query('ALERTS{alertname="QueueWithoutConsumer", alertstate="firing"}')
        return {each["metric"]["queue"] for each in firing}

    until(lambda: {"routing.submitted", "notification.contacts"} <= unread())
    assert not {"metrics.events", "metrics.dead"} & unread()


def test_rules_are_worked_out_and_every_panel_is_answered(watch: Watched) -> None:
    def health() -> set[str]:
        groups = watch.prometheus.ask("rules")["groups"]
        return {rule["health"] for group in groups for rule in group["rules"]}

    until(lambda: health() == {"ok"})
    for _, panel in panels():
        for target in panel["targets"]:
            expression = target["expr"]
            for name, value in VARIABLES.items():
                expression = expression.replace(name, value)
            watch.prometheus.query(expression)
    assert {each["metric"]["service"] for each in watch.prometheus.query("concord:queue_ready:messages")} >= {"routing"}


def test_what_the_broker_is_asked_for_it_exports(watch: Watched) -> None:
    for name, labels in BROKER.items():
        found = watch.prometheus.query(name)
        assert found, name
        assert set(labels) <= set(found[0]["metric"]), name


def test_what_a_service_exports_is_what_the_queries_were_checked_against(watch: Watched) -> None:
    known = by_services()
    for each in watch.prometheus.query('{__name__=~"concord_.+"}'):
        name = each["metric"].pop("__name__")
        assert set(each["metric"]) - {"job", "instance", "service"} <= known[name], name


def states_in_order(watch: Watched) -> list[str]:
    series = watch.prometheus.query('ALERTS{alertname="MessagesParked"}[1m]')
    return [each["metric"]["alertstate"] for each in sorted(series, key=lambda each: float(each["values"][0][0]))]


def send_nonsense(url: str, queue: str) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("", queue, b"{broken", mandatory=True)
    finally:
        connection.close()


def concord(*arguments: str) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "concord_cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr

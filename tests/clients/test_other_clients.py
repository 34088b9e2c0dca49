"""The programs of docs/guide/other-clients.md, as they stand there, on a real broker: `make test-clients`."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
import pytest
from client_stage import event, eventually
from subscriber_stage import Broker, channel

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "other-clients.md"
BLOCK = re.compile(r"^```(?:python|javascript)\n(?:#|//) (?P<name>\S+)\n.*?^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = {
    match["name"]: match[0].partition("\n")[2].rpartition("```")[0]
    for match in BLOCK.finditer(GUIDE.read_text("utf-8"))
}
PYTHON = os.environ.get("CONCORD_CLIENTS_PYTHON", sys.executable)
"""A Python with all the libraries; `make test-clients` makes one. The project itself has pika and kombu."""
MODULES = os.environ.get("CONCORD_CLIENTS_NODE_MODULES", "")
OWN = {"with_pika.py", "with_kombu.py"}
QUEUE = "sub.parks.events"


@contextmanager
def running(name: str, url: str, folder: Path) -> Iterator[Path]:
    """The program at work, and the file that it prints to."""
    for file, text in PROGRAMS.items():
        (folder / file).write_text(text)
    if name.endswith(".mjs"):
        (folder / "node_modules").symlink_to(MODULES)
    command = ["node", name] if name.endswith(".mjs") else [PYTHON, "-W", "ignore", name]
    output = folder / "printed"
    env = os.environ | {"CONCORD_URL": url}
    with output.open("w") as opened, (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=opened, stderr=log)
    try:
        yield output
        assert process.poll() is None, (folder / "log").read_text()
    finally:
        process.kill()
        process.wait()


def publish(city: Broker, *numbers: int) -> None:
    """As the services publish: with content type and message id."""
    with channel(city.admin) as opened:
        opened.confirm_delivery()
        for number in numbers:
            key, body = event(number)
            kind = "application/cloudevents+json"
            properties = pika.BasicProperties(content_type=kind, message_id=f"e{number}", delivery_mode=2)
            opened.basic_publish("concord.events", key, body, properties)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "handling.py"])
def test_a_program_of_the_guide_handles_each_event_once(city: Broker, tmp_path: Path, name: str) -> None:
    if name not in OWN and not MODULES:
        pytest.skip("its library is not among the project's: run `make test-clients`")
    url = city.add("parks")
    publish(city, 1, 2, 1)
    with running(name, url, tmp_path) as output:
        lines = [f"e{number} concern.routed.v1 B2" for number in (1, 2, 3)]
        eventually(lambda: output.read_text().splitlines(), lines[:2])
        publish(city, 3)
        eventually(lambda: output.read_text().splitlines(), lines)
        eventually(lambda: unread(city), 0)
    assert city.depth(QUEUE) == 0
    with channel(url) as opened:
        assert opened.basic_get(QUEUE)[0] is None, "all was acknowledged"


def unread(city: Broker) -> int:
    """Ready and unacknowledged messages, as the management API counts them every few seconds."""
    row = city.node.management.call("GET", f"/api/queues/{city.vhost}/{QUEUE}")
    return int(row.get("messages", -1))


def test_the_guide_has_a_program_for_each_library() -> None:
    assert set(PROGRAMS) == {
        "handling.py",
        *OWN,
        "with_aio_pika.py",
        "with_faststream.py",
        "with_amqplib.mjs",
    }

"""Another service installs concord_client and pika, and nothing else of ours."""

import subprocess
import sys
from pathlib import Path

import pika

import concord_client

PROGRAM = """
import sys
sys.path.append({folder!r})
import concord_client
from concord_client.testing import FakeSubscriber

subscriber = FakeSubscriber()
subscriber.feed("concern.routed.v1", {{"area": "B2"}})
(event,) = subscriber
print(event.data["area"])
try:
    event.message
except concord_client.ContractsMissing:
    print("no contracts")
print(sorted({{each.partition(".")[0] for each in sys.modules}} & {{"eventlet", "marshmallow", "concord_contracts"}}))
"""


def test_it_needs_pika_and_nothing_else(tmp_path: Path) -> None:
    for package in (pika, concord_client):
        (folder,) = package.__path__
        (tmp_path / package.__name__).symlink_to(folder)
    program = PROGRAM.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["B2", "no contracts", "[]"], done.stderr

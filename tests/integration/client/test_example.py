"""The example of the guide is a service that works."""

import signal
from pathlib import Path

from client_process import EXAMPLE, example
from client_stage import City, event, eventually


def test_it_follows_graffiti_in_two_districts(parks: City, tmp_path: Path) -> None:
    with example(parks.url, tmp_path) as (process, output):
        parks.await_follower()
        key, _ = event(4)
        parks.publish(
            event(1), event(2, area="B3"), event(3, area="C6"), (key, b"not JSON"), event(5, category="noise")
        )
        eventually(lambda: output.read_text().count("\n"), 2)
        eventually(lambda: len(list((tmp_path / "dead-letters").glob("*.json"))), 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    first, second = output.read_text().splitlines()
    assert first.startswith("c1: graffiti in B2, promised by 20")
    assert second.startswith("c2: graffiti in B3, promised by 20")
    assert parks.depth() == 0


def test_it_is_about_thirty_lines() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 35

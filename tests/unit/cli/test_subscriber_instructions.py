"""The commands that `concord subscriber add` prints for a new subscriber."""

from pathlib import Path

import pytest

from concord_bus.topology.grants import Grant
from concord_cli.subscriber.output import arguments, instructions

URL = "amqp://parks:secret@127.0.0.1:5672/%2F"


def service_of(text: str) -> str:
    """Return the source of the printed service."""
    return text.partition("<<'END'\n")[2].partition("\nEND\n")[0]


@pytest.mark.parametrize("days", [1, 30])
def test_the_service_replays_the_days_of_the_grant(days: int) -> None:
    grant = Grant("parks", ("concern.routed.v1",), replay_days=days)
    service = service_of(instructions(grant, URL, Path("/nowhere")))
    compile(service, "parks_service.py", "exec")
    assert f"replay=Replay(since=datetime.now(UTC) - timedelta(days={days}))," in service


def test_without_replay_the_service_begins_with_new_events() -> None:
    service = service_of(instructions(Grant("parks", ("concern.routed.v1",)), URL, Path("/nowhere")))
    compile(service, "parks_service.py", "exec")
    assert "Replay" not in service


def test_the_arguments_of_a_changed_grant_are_those_of_a_new_one() -> None:
    grant = Grant("parks", ("concern.routed.v1",), ("B2", "B3"), queues=("trial",))
    printed = arguments(grant).splitlines()
    assert printed == [
        '    queue="sub.parks.trial",',
        '    types=["concern.routed.v1"],',
        '    areas=["B2", "B3"],',
        "    categories=[],",
    ]
    assert set(printed) <= set(service_of(instructions(grant, URL, Path("/nowhere"))).splitlines())

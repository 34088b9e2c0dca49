"""The range that ports are chosen from, for every shape of ephemeral range."""

from pathlib import Path

import pytest

from concord_nodes.port_range import ENOUGH, PREFERRED, USUAL_EPHEMERAL, candidates, ephemeral_range


@pytest.mark.parametrize(
    ("ephemeral", "expected"),
    [
        ((32768, 60999), PREFERRED),
        ((49152, 65535), PREFERRED),
        ((30000, 65535), PREFERRED),
        ((25000, 60999), range(15000, 25000)),
        ((10240, 65535), range(1024, 10240)),
        ((1024, 60999), range(61000, 65536)),
        ((1024, 15000), PREFERRED),
        ((1024, 25000), range(25001, 35001)),
        ((1024, 65535), PREFERRED),
        ((1500, 65400), PREFERRED),
    ],
)
def test_ports_lie_outside_the_ephemeral_range(ephemeral: tuple[int, int], expected: range) -> None:
    assert candidates(ephemeral) == expected


@pytest.mark.parametrize("low", [1024, 1523, 1524, 5000, 20001, 29999, 40000])
@pytest.mark.parametrize("high", [40001, 60999, 65035, 65036, 65535])
def test_there_are_always_enough_unprivileged_ports(low: int, high: int) -> None:
    ports = candidates((low, high))
    assert len(ports) >= ENOUGH
    assert 1024 <= ports.start < ports.stop <= 65536
    assert ports == PREFERRED or not set(ports) & set(range(low, high + 1))


def test_the_system_states_its_ephemeral_range(tmp_path: Path) -> None:
    file = tmp_path / "ip_local_port_range"
    file.write_text("15000\t61000\n")
    assert ephemeral_range(file) == (15000, 61000)


@pytest.mark.parametrize("text", ["", "32768", "a b", "1 2 3"])
def test_a_file_that_cannot_be_read_gives_the_usual_range(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ip_local_port_range"
    file.write_text(text)
    assert ephemeral_range(file) == USUAL_EPHEMERAL


def test_a_system_without_the_file_gets_the_usual_range(tmp_path: Path) -> None:
    assert ephemeral_range(tmp_path / "none") == USUAL_EPHEMERAL

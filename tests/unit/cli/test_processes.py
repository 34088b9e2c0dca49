"""Processes: how an end is put into words, and logs that do not grow for ever."""

from pathlib import Path

import pytest

from concord_cli.up.processes import ProgramProcess, exit_text, last_line, rotate
from concord_nodes.tcp_ports import until


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with exit code 0"),
        (2, "ended with exit code 2"),
        (137, "was ended by SIGKILL"),
        (-9, "was ended by SIGKILL"),
        (143, "was ended by SIGTERM"),
        (None, "runs"),
    ],
)
def test_endings(code: int | None, words: str) -> None:
    assert exit_text(code) == words


def test_a_long_log_is_moved_aside_under_its_writer(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a" * 11)
        assert rotate(log, 10)
        writer.write(b"b")
    assert (log.read_bytes(), (tmp_path / "x.log.1").read_bytes()) == (b"b", b"a" * 11)
    assert not rotate(log, 10)
    assert not rotate(tmp_path / "none.log", 10)


def test_the_last_line_that_says_anything(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert last_line(log) == ""
    log.write_text("x" * 9000 + "\nfirst\nError: last\n\n")
    assert last_line(log) == "Error: last"
    log.write_text('{"service": "intake", "level": "critical", "message": "set CONCORD_CITY"}\n')
    assert last_line(log) == "set CONCORD_CITY"
    for other in ('{"level": "info", "message": "serving"}', "[1]", "{"):
        log.write_text(f"{other}\n")
        assert last_line(log) == other


def test_a_program_gets_the_given_environment_alone_and_its_end_is_known(tmp_path: Path) -> None:
    code = "import os, sys; print(sorted(os.environ)); print('over'); sys.exit(3)"
    part = ProgramProcess("part", ["-c", code], {"ONLY": "1", "LC_CTYPE": "C.UTF-8"}, tmp_path, tmp_path / "part.log")
    part.start()
    assert until(lambda: not part.alive, 10)
    assert (part.exit_code, part.end_text(), part.last_log_line()) == (3, "ended with exit code 3", "over")
    assert (tmp_path / "part.log").read_text().splitlines()[0] == "['LC_CTYPE', 'ONLY']"

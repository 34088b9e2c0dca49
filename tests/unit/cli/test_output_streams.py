"""Output on any terminal and any pipe: another character set, a reader that has ended, streams closed at the start."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from concord_cli.common.console import Console
from concord_cli.up.console import Screen

ARROWS = ("doctor", "--service", "intake=http://127.0.0.1:9")
"""Its remedies begin with an arrow, which Latin-1 lacks."""


def concord(*arguments: str, closed: bool = False, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command. With `closed`, nobody reads its standard output."""
    reader, writer = os.pipe()
    if closed:
        os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, "-m", "concord_cli", *arguments],
            stdout=writer if closed else subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **env},
            encoding="latin-1",
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
        if not closed:
            os.close(reader)


@pytest.mark.parametrize("charset", ["latin-1", "utf-8"])
def test_a_terminal_of_any_character_set_shows_all(charset: str) -> None:
    done = concord(*ARROWS, PYTHONIOENCODING=charset)

    assert done.returncode == 1, done.stderr
    assert "Start intake, or see its log." in done.stdout
    assert ("\\u2192" in done.stdout) == (charset != "utf-8")
    assert "Traceback" not in done.stderr


def test_json_is_the_same_in_any_character_set(tmp_path: Path) -> None:
    folder = tmp_path / "Köln"
    folder.mkdir()
    for charset in ("latin-1", "utf-8"):
        done = concord("city", "check", "--json", str(folder), PYTHONIOENCODING=charset)
        assert json.loads(done.stdout.encode("latin-1"))["folder"] == str(folder), charset


@pytest.mark.parametrize("command", [("contracts", "asyncapi"), ("--help",), ARROWS])
def test_a_reader_that_has_ended_causes_no_traceback(command: tuple[str, ...]) -> None:
    done = concord(*command, closed=True)

    assert done.returncode == 1
    assert done.stderr == ""


def test_a_run_whose_reader_has_ended_goes_on() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as output:
        screen = Screen(console=Console(file=output))
        screen.say("Serving after 1 s.")
        screen.say("Running until Ctrl-C.")


def test_streams_that_are_closed_at_the_start_lead_nowhere(tmp_path: Path) -> None:
    program = (
        "from concord_cli.common.output_streams import prepare_streams; prepare_streams(); "
        f"import os; file = open({str(tmp_path / 'data')!r}, 'w'); os._exit(0 if file.fileno() > 2 else 1)"
    )
    command = ["sh", "-c", 'exec "$0" -c "$1" >&- 2>&-', sys.executable, program]

    assert subprocess.run(command, timeout=60, check=False).returncode == 0

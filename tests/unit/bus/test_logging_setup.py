"""What a log line says of an error: where, never what was in hand. Every line is JSON, whoever writes it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from concord_bus.logging_setup import without_text

SAID = " ".join(("Rosa", "wrote", "this"))  # apart, so that no line of code that is shown holds it
BEGIN = (
    "import logging, warnings, threading; from concord_bus.logging_setup import configure, log_uncaught_of; "
    "configure('intake', 'INFO'); SAID = ' '.join(('Rosa', 'wrote', 'this'))\n"
)
WRITERS = {
    "library": "logging.getLogger('alembic.runtime').warning('a table of %s', 'intake')",
    "error of a library": "try: raise ValueError(SAID)\nexcept ValueError: logging.getLogger('web').exception('no')",
    "level of its own": "logging.getLogger('web').log(35, 'text')",
    "warning": "warnings.warn('old', DeprecationWarning, stacklevel=1); warnings.warn('look', stacklevel=1)",
    "uncaught": "raise ValueError(SAID)",
    "uncaught in a thread": "thread = threading.Thread(target=lambda: [][1]); thread.start(); thread.join()",
    "uncaught in a green thread": (
        "import eventlet, eventlet.hubs; log_uncaught_of(eventlet.hubs.get_hub())\n"
        "def fail(): raise ValueError(SAID)\n"
        "eventlet.spawn_n(fail); eventlet.spawn_after(0, fail); eventlet.sleep(0.01)"
    ),
}


def _raised() -> BaseException:
    try:
        try:
            raise ValueError(SAID)
        except ValueError as error:
            raise RuntimeError(f"while writing: {SAID}") from error
    except RuntimeError as error:
        return error


def lines_of(program: str) -> list[dict[str, Any]]:
    """What a process writes on standard error, read as JSON."""
    done = subprocess.run([sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60)
    assert SAID not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("writer", WRITERS)
def test_each_line_is_json(writer: str) -> None:
    lines = lines_of(WRITERS[writer])

    assert lines
    for line in lines:
        assert line.keys() >= {"service", "level", "timestamp", "message"}
        assert line["service"] == "intake"
    if "uncaught" in writer:
        assert any("most recent call last" in line.get("error", "") for line in lines if line["level"] == "critical")


def test_an_error_is_named_by_class_and_place_without_its_text() -> None:
    written = without_text(_raised())
    assert written.startswith("ValueError, most recent call last:\n")
    assert "\nRuntimeError, most recent call last:\n" in written
    assert 'test_logging_setup.py", line ' in written
    assert "in _raised" in written
    assert SAID not in written


def test_an_error_that_leads_to_itself_ends() -> None:
    error = _raised()
    assert error.__cause__ is not None
    error.__cause__.__context__ = error
    assert without_text(error).count("most recent call last") == 2

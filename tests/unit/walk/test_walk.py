"""docs/walk.md is true: a traced concern visits what the page names, in its order, and no file besides.

The trace runs in a process of its own, which eventlet has patched.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from walk.document import BEGIN, DOCUMENT, END, listed_files, steps, with_table
from walk.tracer import Call

ROOT = Path(__file__).parents[3]
MOST_TO_READ = 60
"""Files that a newcomer opens to follow the steps."""
MOST_VISITED = 176
"""Files that run for one concern. Lower it when files go; the aim is 60."""
REFRESH = "run `make walk ARGS=--write`"

Run = dict[str, Any]
TEXT = DOCUMENT.read_text("utf-8")


@pytest.fixture(scope="module")
def run() -> Run:
    """The traced concern: its calls, the files behind the broker's stand-in, the mails and the summary."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "scripts/trace_walk.py"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    result: Run = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def calls(run: Run) -> list[Call]:
    """The functions that ran, in the order of their first calls."""
    return [Call(*call) for call in run["calls"]]


@pytest.fixture(scope="module")
def visited(run: Run, calls: list[Call]) -> list[str]:
    """The files on the way, in alphabetical order."""
    return sorted({call.file for call in calls} | set(run["replaced"]))


def named() -> list[Call]:
    return [call for _, functions in steps(TEXT) for call in functions]


def test_the_concern_reaches_the_mail_and_the_metric(run: Run) -> None:
    (mail,) = run["mails"]
    assert "Subject: We have your concern: it is with Graffiti removal crew" in mail
    totals = run["summary"]["totals"]
    assert (totals["received"], totals["routed"], totals["notified"]) == (1, 1, 1)


def test_every_step_names_functions_and_every_link_is_read() -> None:
    numbers = [number for number, _ in steps(TEXT)]
    assert numbers == list(range(1, 31))
    assert [number for number, functions in steps(TEXT) if not functions] == []
    before_table = TEXT.partition(BEGIN)[0]
    assert len(named()) == len(re.findall(r"`[\w.]+\(\)`", before_table))
    assert len(dict.fromkeys(named())) == len(named()), "a function is named twice"


def test_every_named_function_runs(calls: list[Call]) -> None:
    assert [call for call in named() if call not in calls] == []


def test_functions_are_named_in_the_order_of_their_first_calls(calls: list[Call]) -> None:
    order = {call: place for place, call in enumerate(calls)}
    expected = sorted(named(), key=lambda call: order[call])
    wrong = [(call, first) for call, first in zip(named(), expected, strict=True) if call != first]
    assert not wrong, f"docs/walk.md names {wrong[0][0]}, but {wrong[0][1]} runs first"


def test_every_visited_file_is_in_the_table(visited: list[str]) -> None:
    missing = [file for file in visited if file not in listed_files(TEXT)]
    assert not missing, f"add {', '.join(missing)} to docs/walk.md: {REFRESH}"


def test_every_file_in_the_table_is_visited(visited: list[str]) -> None:
    unvisited = [file for file in listed_files(TEXT) if file not in visited]
    assert not unvisited, f"remove {', '.join(unvisited)} from docs/walk.md: {REFRESH}"


def test_the_stated_numbers_are_true(run: Run, visited: list[str]) -> None:
    assert with_table(TEXT, visited, run["replaced"]) == TEXT, REFRESH


def test_the_files_to_read_are_few() -> None:
    assert len({call.file for call in named()}) <= MOST_TO_READ


def test_the_visited_files_do_not_grow(visited: list[str]) -> None:
    assert len(visited) <= MOST_VISITED


def test_the_stand_in_hides_only_the_adapters_of_the_broker(run: Run) -> None:
    folders = {str(Path(file).parent) for file in run["replaced"]}
    assert folders == {"shared/bus/concord_bus/adapters/amqp"}
    assert "shared/bus/concord_bus/adapters/amqp/publisher.py" in run["replaced"]


SAMPLE = """
1. First: [`a.py`](../shared/x/concord_x/a.py) `f()`,
   `A.g()`. Then [`b.py`](../shared/x/concord_x/b.py) `h()`.
"""
A, B, C = (f"shared/x/concord_x/{name}.py" for name in "abc")


def test_steps_of_a_document() -> None:
    assert steps(SAMPLE) == [(1, [Call(A, "f"), Call(A, "A.g"), Call(B, "h")])]


def test_the_table_counts_the_files_and_names_their_steps() -> None:
    written = with_table(f"{SAMPLE}{BEGIN}old\n{END}", [A, B, C], [C])
    assert "**3 files**. The steps name 2 of them." in written
    assert "| [`x/a.py`](../shared/x/concord_x/a.py) | 1 |" in written
    assert listed_files(written) == [A, B, C]
    assert "old" not in written

# ruff: noqa: E402 (eventlet patches before anything else is imported)
"""Follow one concern through the four services and print the functions that run: `python scripts/trace_walk.py`.

With `--write` it also writes the table of files in docs/walk.md; with `--json` it prints the whole result as JSON.
It needs no broker. Exit code 1 means that the table is not up to date.
"""

import eventlet

eventlet.monkey_patch()

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from walk.document import DOCUMENT, with_table
from walk.journey import Journey, Walker


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(description="Follow one concern and print the functions that run.")
    parser.add_argument("--write", action="store_true", help="write the table of files in docs/walk.md")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        journey = Walker(Path(folder)).walk()
    if arguments.json:
        print(json.dumps(asdict(journey)))
        return 0
    _print(journey)
    text = DOCUMENT.read_text("utf-8")
    current = with_table(text, journey.files, journey.replaced)
    if arguments.write:
        DOCUMENT.write_text(current, "utf-8")
    elif current != text:
        print("The table in docs/walk.md is not up to date: run `make walk ARGS=--write`.", file=sys.stderr)
        return 1
    return 0


def _print(journey: Journey) -> None:
    """Print each named function below its file, in the order of the first calls."""
    shown = ""
    for call in journey.calls:
        if "<" in call.function:
            continue
        if call.file != shown:
            print(call.file)
            shown = call.file
        print(f"    {call.function}()")
    print(f"{len(journey.files)} files")


if __name__ == "__main__":
    sys.exit(main())

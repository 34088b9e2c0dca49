"""Text for a terminal: safe, counted, in columns, or as JSON."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click


def plain(text: str) -> str:
    """Return the text with an escape in place of each character that could steer a terminal or hide other text."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def plain_lines(text: str) -> str:
    """Return the text as `plain` does, with its line ends."""
    return "\n".join(map(plain, text.split("\n")))


def counted(number: int, noun: str) -> str:
    """Return `1 message` or `2,000 messages`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of cells in columns of equal width; the first row is the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in padded)


def utc_now() -> str:
    """Return the time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def echo(result: Any, text: str, *, as_json: bool) -> None:
    """Print a command's result: as indented JSON, or as text for a person."""
    click.echo(json.dumps(result, indent=2) if as_json else text)

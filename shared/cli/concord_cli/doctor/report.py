"""All findings for a person, or for a program."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from concord_cli.common.terminal_text import plain
from concord_cli.doctor.findings import Finding, Level

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}


def as_lines(findings: Sequence[Finding]) -> str:
    """What is worst comes last, where it is seen; below each what to do."""
    order = list(Level)
    lines = []
    for each in sorted(findings, key=lambda each: order.index(each.level)):
        level = click.style(f"{each.level.value:<8}", fg=COLOURS[each.level], bold=each.level is not Level.OK)
        lines.append(f"{level} {plain(each.about)}: {plain(each.what)}")
        if each.remedy:
            lines.append(f"{'':<8} → {plain(each.remedy)}")
    count = Counter(each.level for each in findings)
    verdict = ", ".join(_count(count[level], level.value) for level in (Level.PROBLEM, Level.WARNING))
    return "\n".join([*lines, f"{len(findings)} looked at: {verdict}."])


def as_json(findings: Sequence[Finding]) -> str:
    count = Counter(each.level for each in findings)
    answer = {
        "healthy": not count[Level.PROBLEM],
        "problems": count[Level.PROBLEM],
        "warnings": count[Level.WARNING],
        "findings": [asdict(each) for each in findings],
    }
    return json.dumps(answer, ensure_ascii=False, indent=2)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")

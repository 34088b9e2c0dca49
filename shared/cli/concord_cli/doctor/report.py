"""All findings as text and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import click

from concord_cli.common.terminal_text import counted, plain
from concord_cli.doctor.findings import Finding, Level

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red"}


def as_lines(findings: Sequence[Finding]) -> str:
    """Return findings with their remedies. Problems come last, next to the prompt."""
    order = list(Level)
    lines = []
    for finding in sorted(findings, key=lambda finding: order.index(finding.level)):
        is_bold = finding.level is not Level.OK
        level = click.style(f"{finding.level.value:<8}", fg=COLOURS[finding.level], bold=is_bold)
        lines.append(f"{level} {plain(finding.about)}: {plain(finding.what)}")
        if finding.remedy:
            lines.append(f"{'':<8} → {plain(finding.remedy)}")
    count = Counter(finding.level for finding in findings)
    verdict = ", ".join(counted(count[level], level.value) for level in (Level.PROBLEM, Level.WARNING))
    return "\n".join([*lines, f"{counted(len(findings), 'check')}: {verdict}."])


def as_json(findings: Sequence[Finding]) -> str:
    count = Counter(finding.level for finding in findings)
    report = {
        "healthy": not count[Level.PROBLEM],
        "problems": count[Level.PROBLEM],
        "warnings": count[Level.WARNING],
        "findings": [asdict(finding) for finding in findings],
    }
    return json.dumps(report, indent=2)

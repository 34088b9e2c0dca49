"""Groups findings that repeat: hundreds of the same kind are one fault of the file."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from concord_city.domain.findings import Finding

MAX_SAME = 3
MAX_OF_A_KIND = 10
VARIABLE = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[-+]?\d[\d.,]*")
"""Parts of a message that name one thing: a quoted word or a number."""


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of one file in their order, with repeated ones as one.

    More than three with the same message become the first one, with a count. If more than ten differ only in names and
    numbers, the first ten stay, and the tenth counts the others.
    """
    return _limited(_counted(findings))


def _counted(findings: Sequence[Finding]) -> list[Finding]:
    same: dict[Finding, list[Finding]] = defaultdict(list)
    for finding in findings:
        same[replace(finding, line=None)].append(finding)
    found: list[Finding] = []
    for finding in findings:
        equals = same.get(replace(finding, line=None), [])
        if 0 < len(equals) <= MAX_SAME:
            found.append(finding)
        elif equals:
            found.append(replace(finding, message=f"{finding.message} ({len(equals)} times{_lines(equals)})"))
            equals.clear()
    return found


def _limited(findings: Sequence[Finding]) -> list[Finding]:
    kinds: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        kinds[_kind(finding)].append(finding)
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Finding] = []
    for finding in findings:
        kind = _kind(finding)
        seen[kind] += 1
        rest = kinds[kind][MAX_OF_A_KIND:]
        if seen[kind] == MAX_OF_A_KIND and rest:
            more = f"{finding.message} (and {len(rest)} more of this kind{_lines(rest)})"
            found.append(replace(finding, message=more))
        elif seen[kind] <= MAX_OF_A_KIND:
            found.append(finding)
    return found


def _kind(finding: Finding) -> tuple[str, str]:
    return finding.level, VARIABLE.sub("*", finding.message)


def _lines(findings: Sequence[Finding]) -> str:
    """Return the lines in words, or nothing when all are in one line."""
    lines = sorted({finding.line for finding in findings if finding.line is not None})
    return f", in lines {lines[0]} to {lines[-1]}" if len(lines) > 1 else ""

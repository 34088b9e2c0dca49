"""Check the subjects of commits: `python scripts/check_commits.py RANGE`, such as `main..HEAD`.

A subject is imperative ("Add a glossary"), has less than 72 characters, begins with a capital and has no final stop.
Exit code 0 when all comply, 1 with findings, 2 for a wrong call.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

from prose.word_list import word_list

LIMIT = 72
_FIRST_WORD = re.compile(r"[\w'-]+")
_IMPERATIVES = word_list(
    """
    access address assess bias bring bypass canvas compress cross discuss dismiss embed encompass express exceed feed
    focus guess miss need pass ping press process proceed progress redress release seed shed speed spring string
    stress succeed suppress surpass swing toss witness
    """
)
"""Imperatives that look like "fixes", "fixed" or "fixing"."""


def faults(subject: str) -> Iterator[str]:
    """Yield what to change about a subject; nothing when it complies."""
    if len(subject) >= LIMIT:
        yield f"{len(subject)} characters: shorten it to less than {LIMIT}"
    match = _FIRST_WORD.match(subject)
    word = match[0] if match else ""
    if not word[:1].isupper():
        yield "begin with a verb and a capital letter"
    if word.lower() not in _IMPERATIVES and word.lower().endswith(("ed", "ing", "s")):
        yield f'use the imperative instead of "{word}"'
    if subject.endswith("."):
        yield "leave out the final full stop"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("usage: check_commits.py RANGE, such as main..HEAD", file=sys.stderr)
        return 2
    command = ["git", "log", "--no-merges", "--format=%h%x09%s", arguments[0]]
    log = subprocess.run(command, capture_output=True, text=True)
    if log.returncode:
        print(log.stderr.strip(), file=sys.stderr)
        return 2
    commits = [line.split("\t", 1) for line in log.stdout.splitlines()]
    findings = [f'{commit}: {fault}: "{subject}"' for commit, subject in commits for fault in faults(subject)]
    print(*findings, sep="\n", end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

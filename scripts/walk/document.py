"""Reads the steps of docs/walk.md, and writes its table of files."""

import re
from collections.abc import Sequence

from walk.tracer import ROOT, Call

DOCUMENT = ROOT / "docs/walk.md"
BEGIN, END = "<!-- begin of the traced files -->\n", "<!-- end of the traced files -->\n"
_STEP = re.compile(r"^(\d+)\. (.*(?:\n   .*)*)", re.MULTILINE)
_FILE_AND_FUNCTIONS = re.compile(r"\[`[^`\]]+`\]\(\.\./([^)]+)\)((?:,?\s+(?:and\s+)?`[\w.<>]+\(\)`)+)")
_FUNCTION = re.compile(r"`([\w.<>]+)\(\)`")
_ROW = re.compile(r"^\| \[`[^`\]]+`\]\(\.\./([^)]+)\) \|", re.MULTILINE)


def steps(text: str) -> list[tuple[int, list[Call]]]:
    """Return the number of each step and the functions that it names, in order."""
    return [
        (
            int(number),
            [
                Call(file, name)
                for file, names in _FILE_AND_FUNCTIONS.findall(step)
                for name in _FUNCTION.findall(names)
            ],
        )
        for number, step in _STEP.findall(text.partition(BEGIN)[0])
    ]


def listed_files(text: str) -> list[str]:
    """Return the files in the table."""
    return _ROW.findall(text.partition(BEGIN)[2].partition(END)[0])


def table(text: str, files: Sequence[str], replaced: Sequence[str]) -> str:
    """Return the part between the marks: the count, and one row a file with the step that first names it."""
    step_of: dict[str, str] = {}
    for number, calls in steps(text):
        for call in calls:
            step_of.setdefault(call.file, str(number))
    step_of |= dict.fromkeys(replaced, "RabbitMQ")
    named = sum(file in step_of for file in files if file not in replaced)
    rows = [f"| [`{_short(file)}`](../{file}) | {step_of.get(file, '')} |\n" for file in files]
    count = f"The concern visits **{len(files)} files**. The steps name {named} of them.\n"
    return "".join([count, "\n| file | step |\n| --- | --- |\n", *rows])


def with_table(text: str, files: Sequence[str], replaced: Sequence[str]) -> str:
    """Return the document with a new table."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table(text, files, replaced) + END + rest.partition(END)[2]


def _short(file: str) -> str:
    """Return a path from the package on."""
    return file.split("/", 2)[2].removeprefix("concord_")

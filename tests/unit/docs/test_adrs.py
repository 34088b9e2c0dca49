"""The decision records keep their form, their links and the numbers that they quote from the code."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
HEADINGS = ("Context", "Decision", "Alternatives", "Consequences")
ROW = re.compile(r"^\| (?P<value>[^|]+) \| `(?P<name>concord_[\w.]+)` \|$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+\.md)")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
RECORD_IDS = [record.name[:4] for record in RECORDS]


def source_of(name: str) -> tuple[Path, list[str]]:
    """The file of `package.module.CONSTANT` and the names inside it."""
    parts = name.split(".")
    folder = next(path for room in ("services", "shared") for path in (ROOT / room).glob(f"*/{parts[0]}"))
    for length in range(len(parts), 1, -1):
        file = folder.joinpath(*parts[1:length]).with_suffix(".py")
        if file.exists():
            return file, parts[length:]
    raise AssertionError(f"{name}: there is no such module")


def value_of(name: str) -> Any:
    """The value of a constant, or of a field's default, read from the source without importing it."""
    file, names = source_of(name)
    body: list[ast.stmt] = ast.parse(file.read_text("utf-8")).body
    for inner in names[:-1]:
        body = next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == inner)
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == names[-1] for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            return node.value
    raise AssertionError(f"{name}: {file.relative_to(ROOT)} has no such constant")


def numbers_in(node: ast.expr) -> set[float]:
    """Every number in a value: a calculation's result, the parts and the length of a tuple, digits in a text."""
    try:
        value = eval(compile(ast.Expression(node), "constant", "eval"), {"__builtins__": {}})
    except NameError:
        value = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
    found = {float(len(value))} if isinstance(value, tuple) else set()
    return found | {float(text.replace(",", "")) for text in NUMBER.findall(repr(value).replace("_", ""))}


@pytest.mark.parametrize("record", RECORDS, ids=RECORD_IDS)
def test_a_record_has_its_parts_in_order(record: Path) -> None:
    text = record.read_text("utf-8")

    assert text.startswith(f"# {record.name[:4]} ")
    assert re.search(
        r"^\*\*Status:\*\* (accepted|superseded by .+)\. \*\*Date:\*\* \d{4}-\d\d-\d\d\.$", text, re.MULTILINE
    )
    headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert tuple(headings[:4]) == HEADINGS


@pytest.mark.parametrize("record", RECORDS, ids=RECORD_IDS)
def test_its_links_lead_somewhere_and_the_index_names_it(record: Path) -> None:
    text = record.read_text("utf-8")

    assert [link for link in LINK.findall(text) if not (FOLDER / link).exists()] == []
    assert f"({record.name}) | {text.splitlines()[0][7:]} |" in (FOLDER / "README.md").read_text("utf-8")


@pytest.mark.parametrize("record", RECORDS, ids=RECORD_IDS)
def test_its_numbers_are_those_of_the_code(record: Path) -> None:
    for row in ROW.finditer(record.read_text("utf-8")):
        stated = float(NUMBER.findall(row["value"])[0].replace(",", ""))
        assert stated in numbers_in(value_of(row["name"])), f"{record.name}: {row['value']} is not {row['name']}"


@pytest.mark.parametrize("record", RECORDS, ids=RECORD_IDS)
def test_the_files_it_names_exist(record: Path) -> None:
    for name in re.findall(r"`((?:concord_\w+|deploy|docs|tests|shared|services)/[\w./]+)`", record.read_text("utf-8")):
        places = [ROOT / name, *(path / name for room in ("services", "shared") for path in (ROOT / room).iterdir())]
        assert any(place.exists() for place in places), f"{record.name} names {name}, which does not exist"

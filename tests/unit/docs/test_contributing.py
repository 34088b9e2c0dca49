"""CONTRIBUTING.md and the glossary name only files, tables and identifiers that exist."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from concord_contracts import CATALOGUE

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:concord_\w+|deploy|docs|scripts|services|shared|tests)/[\w./-]+")
ROW = re.compile(r"^\| .+ \|$", re.MULTILINE)
IDENTIFIER = re.compile(r"_?[A-Z][A-Za-z_]*[A-Za-z]|[a-z]+(?:_[a-z]+)+")
TERM = re.compile(r"^\| ([A-Z][A-Za-z]+) \|", re.MULTILINE)
CHANGES = 12


def paths() -> list[str]:
    """The paths in code spans of the guide; a path with a placeholder such as LANGUAGE is none."""
    spans = (span for span in CODE.findall(GUIDE) if PATH.fullmatch(span))
    return sorted({span for span in spans if not re.search(r"/[A-Z]+/", span)} - {"services/NAME/concord_NAME"})


def find(path: str) -> Path | None:
    """The file or folder of a path from the root or from a package."""
    places = (ROOT / path, *ROOT.glob(f"services/*/{path}"), *ROOT.glob(f"shared/*/{path}"))
    return next((place for place in places if place.exists()), None)


def rows_with_names() -> Iterator[tuple[str, str, list[Path]]]:
    """Each row that begins with a file: the row, an identifier in its other cells, and the files of the row."""
    for row in ROW.findall(GUIDE):
        first, *others = row.strip("|").split(" | ")
        if files_in(first):
            for name in CODE.findall(" ".join(others)):
                if IDENTIFIER.fullmatch(name):
                    yield row, name, files_in(row)


def short_names() -> Iterator[tuple[Path, str]]:
    """Each file without a path in a row that begins with a folder: the folder and the file's name."""
    for row in ROW.findall(GUIDE):
        first, *others = row.strip("|").split(" | ")
        for folder in (place for place in files_in(first) if place.is_dir()):
            yield from ((folder, name) for name in CODE.findall(" ".join(others)) if re.fullmatch(r"\w+\.py", name))


def files_in(text: str) -> list[Path]:
    """The files and folders that a text names."""
    return [found for path in CODE.findall(text) if PATH.fullmatch(path) and (found := find(path))]


@cache
def source() -> str:
    """The product's source as one text."""
    return "\n".join(
        file.read_text("utf-8") for room in ("services", "shared") for file in ROOT.glob(f"{room}/**/*.py")
    )


def test_each_change_has_a_first_file_and_a_list() -> None:
    first = re.findall(r"^\| \[(\d+)\. (.+)\]\(#(.+)\) \| `(.+)` \|$", GUIDE, re.MULTILINE)
    headings = re.findall(r"^### (\d+)\. (.+)$", GUIDE, re.MULTILINE)

    assert [int(number) for number, _ in headings] == list(range(1, CHANGES + 1))
    assert [(number, title) for number, title, _, _ in first] == headings
    for number, title, anchor, _ in first:
        assert anchor == re.sub(r"[^\w\- ]", "", f"{number}. {title}".lower()).replace(" ", "-")


@pytest.mark.parametrize("path", paths())
def test_a_path_of_the_guide_exists(path: str) -> None:
    assert find(path), f"CONTRIBUTING.md names {path}, which does not exist"


def test_a_file_has_the_name_that_its_row_gives() -> None:
    rows = list(rows_with_names())
    texts = {path: path.read_text("utf-8") for _, _, files in rows for path in files if path.is_file()}

    assert len(rows) > CHANGES
    for row, name, files in rows:
        known = [texts[path] if path in texts else source() for path in files]
        assert any(re.search(rf"\b{name}\b", text) for text in known), f"{name} is in none of the files of: {row}"


def test_a_file_is_in_the_folder_of_its_row() -> None:
    named = list(short_names())

    assert named
    assert [f"{folder.name}/{name}" for folder, name in named if not (folder / name).is_file()] == []


def test_the_identifiers_of_the_glossary_exist() -> None:
    names = {name for name in CODE.findall(GLOSSARY) if IDENTIFIER.fullmatch(name)} | set(TERM.findall(GLOSSARY))

    assert {"CommandSpec", "OffsetRange", "Submission"} <= names
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", source())) == []


def test_the_messages_of_the_glossary_exist() -> None:
    names = {name for name in CODE.findall(GLOSSARY) if re.fullmatch(r"[\w.]+\.v\d+", name)}

    assert names
    assert names <= set(CATALOGUE)

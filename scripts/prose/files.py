"""Finds the files to check and reads their sentences."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from prose.fragments import Finding, Fragment, Sentence
from prose.markdown_text import markdown_fragments
from prose.python_text import python_fragments
from prose.rules import findings

DEFAULT_PATHS = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *("docs", "services", "shared", "deploy", "scripts"),
)
_SUFFIXES = (".md", ".py")
_SKIPPED = frozenset(("node_modules", "build", "dist", "__pycache__"))


def texts_under(paths: Iterable[Path]) -> list[Path]:
    """Every Markdown and Python file in these files and folders, sorted, without hidden and generated folders."""
    return sorted({text for path in paths for text in _texts(path)})


def _texts(path: Path) -> Iterator[Path]:
    if path.is_file():
        if path.suffix in _SUFFIXES:
            yield path
        return
    for child in path.iterdir():
        if not (child.name.startswith(".") or child.name in _SKIPPED or child.is_symlink()):
            yield from _texts(child)


def check_file(root: Path, path: Path) -> list[Finding]:
    """Apply the rules to one file, named relative to `root`. A syntax error gives the finding `unreadable`."""
    name = relative_name(root, path)
    try:
        sentences = tuple(sentences_of(path))
    except (SyntaxError, UnicodeDecodeError) as error:
        return [Finding(name, 1, "unreadable", f"correct the file's syntax: {error}")]
    return findings(name, sentences)


def sentences_of(path: Path) -> Iterator[Sentence]:
    source = path.read_text("utf-8")
    fragments: Iterator[Fragment] = markdown_fragments(source) if path.suffix == ".md" else python_fragments(source)
    return (sentence for fragment in fragments for sentence in fragment.sentences())


def relative_name(root: Path, path: Path) -> str:
    """The path as the findings show it."""
    path = path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()

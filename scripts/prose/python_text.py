"""Fragments of a Python file: docstrings of modules, classes, functions and constants, and texts of `help=`."""

import ast
import inspect
import re
from collections.abc import Iterator

from prose.fragments import Fragment, Kind
from prose.markdown_text import inline_code, markdown_fragments

_HELP = frozenset(("help", "short_help", "epilog", "description"))
_INLINE_CODE = re.compile(r"(`+)(.+?)\1")
_NO_WRAP = re.compile(r"^\x08$.*?(?:\n[ \t]*\n|\Z)", re.MULTILINE | re.DOTALL)
"""A paragraph that click does not wrap: a list of examples, not prose. It begins with a backspace."""


def python_fragments(source: str) -> Iterator[Fragment]:
    """Raises SyntaxError for what is no Python."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _docstrings(node.body)
        elif isinstance(node, ast.Call):
            yield from _helps(node)


def _docstrings(body: list[ast.stmt]) -> Iterator[Fragment]:
    """Every text that stands as a statement: the docstring, and those under constants and fields."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            text = statement.value.value
            if isinstance(text, str):
                yield from _paragraphs(statement.lineno, text)


def _paragraphs(line: int, text: str) -> Iterator[Fragment]:
    text = _NO_WRAP.sub(lambda match: "\n" * match[0].count("\n"), inspect.cleandoc(text))
    if "\n" not in text:
        yield Fragment(line, _INLINE_CODE.sub(lambda match: inline_code(match[2]), text), Kind.DOCSTRING)
        return
    for index, fragment in enumerate(markdown_fragments(text)):
        kind = Kind.DOCSTRING if index == 0 else fragment.kind
        yield Fragment(line + fragment.line - 1, fragment.text, kind)


def _helps(call: ast.Call) -> Iterator[Fragment]:
    for keyword in call.keywords:
        text = _literal(keyword.value) if keyword.arg in _HELP else None
        if text:
            yield Fragment(keyword.value.lineno, _INLINE_CODE.sub(lambda match: inline_code(match[2]), text), Kind.HELP)


def _literal(value: ast.expr) -> str | None:
    """A text, or an f-string with a code word for each value that is filled in."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "`x`" for part in value.values)
    return None

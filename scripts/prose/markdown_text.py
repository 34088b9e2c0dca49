"""Fragments of a Markdown text. Code blocks, HTML and the addresses of links are left out."""

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prose.fragments import CODE_SPACE, Fragment, Kind

_PARSER = MarkdownIt("commonmark").enable("table")
_KINDS = {"heading_open": Kind.HEADING, "th_open": Kind.HEADING, "td_open": Kind.CELL}


def markdown_fragments(source: str) -> Iterator[Fragment]:
    """Each paragraph, list item, heading and table cell by itself. A cell of a table's head counts as a heading."""
    line, before = 1, ""
    for token in _PARSER.parse(source):
        if token.map:
            line = token.map[0] + 1
        if token.type == "inline":
            yield Fragment(line, _plain(token.children or ()), _KINDS.get(before, Kind.PARAGRAPH))
        before = token.type


def _plain(tokens: Sequence[Token]) -> str:
    return "".join(_text(token) for token in tokens)


def _text(token: Token) -> str:
    if token.type == "code_inline":
        return inline_code(token.content)
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    return token.content if token.type == "text" else ""


def inline_code(content: str) -> str:
    """Code in backticks as one word without the ends of a sentence in it."""
    return "`" + CODE_SPACE.join(content.split()) + "`"

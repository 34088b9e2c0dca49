"""From Markdown and Python to sentences with their lines."""

import textwrap

import pytest

from prose.fragments import Fragment, Kind, Sentence
from prose.markdown_text import markdown_fragments
from prose.python_text import python_fragments


def markdown(source: str) -> list[tuple[int, str, Kind]]:
    return [(found.line, found.text, found.kind) for found in markdown_fragments(textwrap.dedent(source))]


def python(source: str) -> list[tuple[int, str, Kind]]:
    return [(found.line, found.text, found.kind) for found in python_fragments(textwrap.dedent(source))]


def split(text: str) -> list[Sentence]:
    return list(Fragment(1, text, Kind.PARAGRAPH).sentences())


def test_markdown_gives_headings_paragraphs_items_and_cells_without_code_and_addresses() -> None:
    source = """\
        # What you see

        See [the *guide*](docs/guide.md)
        of `make run`.

        ```sh
        Who is never read.
        ```

        - One item.
        - Another item.

        | you see | it means |
        | --- | --- |
        | a card | it runs |
        """
    assert markdown(source) == [
        (1, "What you see", Kind.HEADING),
        (3, "See the guide\nof `make\N{NO-BREAK SPACE}run`.", Kind.PARAGRAPH),
        (10, "One item.", Kind.PARAGRAPH),
        (11, "Another item.", Kind.PARAGRAPH),
        (13, "you see", Kind.HEADING),
        (13, "it means", Kind.HEADING),
        (15, "a card", Kind.CELL),
        (15, "it runs", Kind.CELL),
    ]


def test_python_gives_every_docstring_and_help_text() -> None:
    source = '''\
        """The module."""

        LIMIT = 3
        """A limit, in `MAX SECONDS`."""


        class Thing:
            """A thing.

            More about it.
            """

            @option("--name", help="Name of the thing.")
            async def make(self):
                """Make it."""
                return "Who is no docstring."


        parser.add_argument("x", help=f"At most {LIMIT}.", metavar="WHO")
        '''
    assert sorted(python(source)) == sorted(
        [
            (1, "The module.", Kind.DOCSTRING),
            (4, "A limit, in `MAX\N{NO-BREAK SPACE}SECONDS`.", Kind.DOCSTRING),
            (8, "A thing.", Kind.DOCSTRING),
            (10, "More about it.", Kind.PARAGRAPH),
            (13, "Name of the thing.", Kind.HELP),
            (15, "Make it.", Kind.DOCSTRING),
            (19, "At most `x`.", Kind.HELP),
        ],
        key=lambda found: found[:2],
    )


def test_what_click_does_not_wrap_is_no_prose() -> None:
    source = '"""Do it.\n\n\b\nWho is an example.\nWhat too.\n\nThe end."""\n'
    assert python(source) == [(1, "Do it.", Kind.DOCSTRING), (7, "The end.", Kind.PARAGRAPH)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("It reads a list, e.g. Areas. `x` follows.", ["It reads a list, e.g. Areas.", "`x` follows."]),
        ("Wait 2.5 s, 4 s ... a minute.", ["Wait 2.5 s, 4 s ... a minute."]),
        ('He said "no." Then it ended.', ['He said "no."', "Then it ended."]),
        ("See concord.routed.v1. (An aside.) End.", ["See concord.routed.v1.", "(An aside.)", "End."]),
        ("...", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in split(text)] == expected


def test_a_sentence_knows_its_line_and_whether_it_is_the_first() -> None:
    found = [(sentence.line, sentence.first) for sentence in split("One\ntwo. Three.\nFour.")]
    assert found == [(1, True), (2, False), (3, False)]

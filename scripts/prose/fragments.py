"""Values that the readers produce and the rules take: fragments of prose, sentences and findings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

CODE_SPACE = "\N{NO-BREAK SPACE}"
"""Stands for a space within inline code, so that `concord up` counts as one word."""

_GAP = re.compile(r"[ \t\n]+")
_WORD = re.compile(r"\w")
_EDGES = "*_()[]{}\"',;:.!?…"
_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
"""Curly quotation marks and what the rules read in their place."""
_SENTENCE_END = re.compile(r"""(?<=[.!?…])["')\]*_]*[ \t\n]+(?=["'(\[*_]*[A-Z0-9`À-Þ])""")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|cf|vs|fig|st|dr|mr|mrs|ms|approx|resp|a\.m|p\.m)\.$", re.IGNORECASE
)


class Kind(Enum):
    """The place of a fragment; a rule may treat a heading unlike a paragraph."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    CELL = "cell"
    DOCSTRING = "docstring"
    """The first paragraph of a docstring. Further ones are paragraphs."""
    HELP = "help"


@dataclass(frozen=True)
class Sentence:
    """One sentence as written. `first` marks the first of its fragment."""

    line: int
    text: str
    kind: Kind
    first: bool

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The text between gaps, without pure punctuation such as a dash. Inline code is one token."""
        return tuple(token for token in _GAP.split(self.text) if _WORD.search(token))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The tokens in lower case without the punctuation around them."""
        return tuple(token.strip(_EDGES).lower() for token in self.tokens)

    @property
    def is_question(self) -> bool:
        return self.text.rstrip("\"')*_").endswith("?")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A paragraph, list item, heading, table cell, docstring paragraph or help text, without markup."""

    line: int
    text: str
    kind: Kind

    def sentences(self) -> Iterator[Sentence]:
        """Its sentences, each with the line on which it begins. One without a final full stop counts too."""
        straight, start = self.text.translate(_STRAIGHT), 0
        ends = [match.end() for match in _SENTENCE_END.finditer(straight) if self._ends_sentence(match.start())]
        for end in (*ends, len(straight)):
            raw = straight[start:end]
            text = raw.strip()
            if _WORD.search(text):
                line = self.line + self.text.count("\n", 0, start + len(raw) - len(raw.lstrip()))
                yield Sentence(line, text, self.kind, first=start == 0)
            start = end

    def _ends_sentence(self, at: int) -> bool:
        return not _ABBREVIATION.search(self.text, max(0, at - 12), at)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A breach of a rule: where, which, and what to do about it."""

    path: str
    line: int
    rule: str
    advice: str
    text: str = ""

    def __str__(self) -> str:
        quoted = " ".join(self.text.replace(CODE_SPACE, " ").split())
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}" + (f': "{quoted}"' if quoted else "")

"""The rules: sentences of one file in, findings out. Each rule counts something, so that two readers agree.

| rule | finds |
| --- | --- |
| long-sentence | more than 30 words; inline code is one word |
| headless-clause | a statement that begins with "Who", "What" or "Of", not a question, heading or label |
| docstring-start | a docstring that begins with "Whether", "How" and the like instead of a verb or a noun |
| passive | more passive sentences than 15 % of a file's; one is always allowed |
"""

from collections.abc import Callable, Iterator, Sequence

from prose.fragments import Finding, Kind, Sentence
from prose.passive import passive

MAX_WORDS = 30
MAX_PASSIVE_PERCENT = 15
SHORTEST_SENTENCE = 4
"""Words. Shorter fragments, mostly table cells, do not count among the sentences of the passive share."""

_HEADLESS = frozenset(("who", "whom", "whose", "whoever", "what", "whatever", "of"))
_CLAUSE_STARTS = frozenset(("how", "whether", "which", "why", "where", "when"))

Rule = Callable[[str, Sequence[Sentence]], Iterator[Finding]]


def long_sentence(path: str, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    for sentence in sentences:
        count = len(sentence.words)
        if count > MAX_WORDS:
            advice = f"{count} words, at most {MAX_WORDS}: split it into one rule a sentence, or use a list"
            yield Finding(path, sentence.line, "long-sentence", advice, sentence.text)


def headless_clause(path: str, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Questions may begin so, and headings, as they name the question that their section answers."""
    for sentence in sentences:
        if _begins_with(sentence, _HEADLESS) and sentence.words[1:2] != ("course",):
            advice = f'begins with "{sentence.words[0].capitalize()}": name the subject'
            yield Finding(path, sentence.line, "headless-clause", advice, sentence.text)


def docstring_start(path: str, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """A condition before a main clause ("When it is empty, ...") may stand there: it has a comma."""
    for sentence in sentences:
        begins_docstring = sentence.kind is Kind.DOCSTRING and sentence.first
        is_condition = sentence.words[0] in ("when", "where") and "," in sentence.text
        if begins_docstring and not is_condition and _begins_with(sentence, _CLAUSE_STARTS):
            advice = f'begins with "{sentence.words[0].capitalize()}": begin with a verb ("Return whether") or a noun'
            yield Finding(path, sentence.line, "docstring-start", advice, sentence.text)


def passive_share(path: str, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """A file with few sentences may have one passive, so that no rule of three forces nonsense on it."""
    counted = [sentence for sentence in sentences if _counts(sentence)]
    passives = [(sentence, found) for sentence in counted if (found := passive(sentence))]
    most = max(1, len(counted) * MAX_PASSIVE_PERCENT // 100)
    if len(passives) <= most:
        return
    for sentence, found in passives:
        share = f"{len(passives)} of {len(counted)} sentences are passive, at most {most}"
        yield Finding(path, sentence.line, "passive", f'{share}: say who does it ("{found}")', sentence.text)


RULES: tuple[Rule, ...] = (long_sentence, headless_clause, docstring_start, passive_share)


def findings(path: str, sentences: Sequence[Sentence]) -> list[Finding]:
    """Everything that the rules find in one file, by line."""
    return sorted(finding for rule in RULES for finding in rule(path, sentences))


def _begins_with(sentence: Sentence, starts: frozenset[str]) -> bool:
    if sentence.kind is Kind.HEADING or sentence.is_question or len(sentence.words) < 2:
        return False
    is_label = sentence.tokens[0].rstrip("*_").endswith((":", ".", ","))
    return sentence.words[0] in starts and not is_label


def _counts(sentence: Sentence) -> bool:
    return sentence.kind is not Kind.HEADING and len(sentence.words) >= SHORTEST_SENTENCE

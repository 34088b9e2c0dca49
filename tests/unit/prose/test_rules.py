"""Each rule with sentences that it must find and sentences that it must let pass."""

from collections.abc import Iterator

import pytest

from prose.fragments import Fragment, Kind, Sentence
from prose.rules import RULES, findings

GOOD = "The service stores the message. "


def sentences(text: str, kind: Kind = Kind.PARAGRAPH) -> list[Sentence]:
    return list(Fragment(1, text, kind).sentences())


def rules_broken(text: str, kind: Kind = Kind.PARAGRAPH) -> set[str]:
    return {finding.rule for finding in findings("guide.md", sentences(text, kind))}


def words(count: int) -> str:
    return " ".join(["word"] * count) + "."


def test_a_sentence_of_31_words_is_too_long() -> None:
    assert rules_broken(words(31)) == {"long-sentence"}
    assert rules_broken(words(30)) == set()


def test_inline_code_is_one_word_and_a_dash_is_none() -> None:
    code = "`concord\N{NO-BREAK SPACE}up\N{NO-BREAK SPACE}--once`"
    assert rules_broken(f"{code} - {words(29)}") == set()
    assert rules_broken(f"{code} - {words(30)}") == {"long-sentence"}


@pytest.mark.parametrize(
    "text",
    [
        "Who left no contact waits for no notice.",
        "What exists is listed.",
        "Of that past no mail tells.",
        "It works. Whoever asks gets a key.",
        "Whose keys to use.",
        '"What came first" wins.',
    ],
)
def test_a_headless_clause_is_found(text: str) -> None:
    assert "headless-clause" in rules_broken(text)


@pytest.mark.parametrize(
    "text",
    [
        "Who did what?",
        "What is wrong, and what do I do?",
        "What: the cause.",
        "Of course you may.",
        "Residents who left no contact get no notice.",
        "What",
    ],
)
def test_questions_labels_and_inner_clauses_pass(text: str) -> None:
    assert rules_broken(text) == set()


def test_a_heading_may_begin_with_what() -> None:
    assert rules_broken("What it promises", Kind.HEADING) == set()
    assert rules_broken("What it promises", Kind.CELL) == {"headless-clause"}


@pytest.mark.parametrize(
    "text", ["Whether the key fits.", "How often routing agrees.", "Which events to bring.", "When it is late."]
)
def test_a_docstring_begins_with_a_verb_or_a_noun(text: str) -> None:
    assert rules_broken(text, Kind.DOCSTRING) == {"docstring-start"}
    assert rules_broken(text, Kind.PARAGRAPH) == set()


@pytest.mark.parametrize(
    "text", ["Return whether the key fits.", "When the queue is empty, wait.", "The key. How it came is open."]
)
def test_other_docstrings_pass(text: str) -> None:
    assert rules_broken(text, Kind.DOCSTRING) == set()


def passives(count: int) -> str:
    return "The message is sent again. " * count


@pytest.mark.parametrize(("passive", "active", "broken"), [(1, 0, False), (2, 4, True), (3, 17, False), (4, 17, True)])
def test_at_most_15_percent_of_the_sentences_but_always_one_may_be_passive(
    passive: int, active: int, broken: bool
) -> None:
    found = findings("guide.md", sentences(passives(passive) + GOOD * active))
    assert [finding.rule for finding in found] == ["passive"] * (passive if broken else 0)


def test_headings_and_scraps_do_not_dilute_the_share_of_passives() -> None:
    scraps = [*sentences("Six more. " * 20), *sentences("A heading of four words", Kind.HEADING) * 20]
    assert findings("guide.md", [*sentences(passives(2)), *scraps])


def test_a_finding_names_place_rule_remedy_and_text() -> None:
    (finding,) = findings("docs/guide.md", list(Fragment(7, "All is well.\nWho asks\ngets it.", Kind.CELL).sentences()))
    assert str(finding) == (
        'docs/guide.md:8: headless-clause: begins with "Who": name the subject: "Who asks gets it."'
    )


def every_finding() -> Iterator[str]:
    for text in (words(31), "Who asks gets it.", passives(2)):
        yield from rules_broken(text)
    yield from rules_broken("Whether it fits.", Kind.DOCSTRING)


def test_the_rules_are_those_of_the_table() -> None:
    assert len(set(every_finding())) == len(RULES) == 4

"""The passive voice: forms that count, and the like that does not."""

import pytest

from prose.fragments import Fragment, Kind
from prose.participles import is_participle
from prose.passive import passive


def first_passive(text: str) -> str | None:
    (sentence,) = Fragment(1, text, Kind.PARAGRAPH).sentences()
    return passive(sentence)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The message is parked.", "is parked"),
        ("The resident is told at once.", "is told"),
        ("Messages are not yet read.", "are not yet read"),
        ("It was automatically re-sent.", "was automatically re-sent"),
        ("It isn't kept.", "isn't kept"),
        ("It isn\N{RIGHT SINGLE QUOTATION MARK}t kept.", "isn't kept"),
        ("The case gets closed by the officer.", "gets closed"),
        ("It can be (temporarily) withdrawn.", "be temporarily withdrawn"),
        ("A key is required by the broker.", "is required"),
        ("The `x` is being rewritten.", "being rewritten"),
        ("Concerns have been opened, then closed.", "been opened"),
    ],
)
def test_a_passive_is_found(text: str, found: str) -> None:
    assert first_passive(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "A key is required.",
        "The variable is set.",
        "The name is unknown or unchanged.",
        "The list is hash-locked.",
        "The queue is empty, sent messages included.",
        "There is need of speed.",
        "The service has parked it.",
        "The parked message is large.",
        "The id is `parked`.",
        "There are a hundred.",
        "That is, stored messages remain.",
        "The rule is so, sealed or not.",
    ],
)
def test_states_adjectives_and_active_verbs_are_none(text: str) -> None:
    assert first_passive(text) is None


@pytest.mark.parametrize("word", ["told", "written", "sealed", "re-encrypted", "overridden", "unlocked", "undone"])
def test_participles(word: str) -> None:
    assert is_participle(word)


@pytest.mark.parametrize(
    "word", ["need", "speed", "exceed", "hundred", "red", "unsigned", "unread", "well-known", "tell"]
)
def test_other_words(word: str) -> None:
    assert not is_participle(word)

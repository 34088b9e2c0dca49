"""Passive voice: a form of "be" or "get", up to three adverbs, a past participle."""

from prose.fragments import Sentence
from prose.participles import STATES, is_participle
from prose.word_list import word_list

_BE = word_list(
    """
    am is are was were be been being get gets got gotten getting isn't aren't wasn't weren't we're you're they're i'm
    """
)
_ADVERBS = word_list(
    """
    again all almost already also always both either ever even first here just later longer more neither never newly no
    not now often once only so still then there therefore thus together too twice usually yet
    """
)
_MOST_ADVERBS = 3
_STOPS = (",", ";", ":", ".", "!", "?", "…")
_BREAKS = (*_STOPS, ")")


def passive(sentence: Sentence) -> str | None:
    """Return the first passive of a sentence, such as `is often told`; None when there is none.

    A participle of STATES counts only before "by": `a key is required` states a fact. In `is required by the broker`
    the broker should be the subject. Compounds with a hyphen (`is hash-locked`) and un- adjectives never count.
    """
    for index, word in enumerate(sentence.words):
        if word in _BE and not sentence.tokens[index].endswith(_BREAKS):
            end = _participle_after(sentence, index)
            if end is not None:
                return " ".join(sentence.words[index : end + 1])
    return None


def _participle_after(sentence: Sentence, index: int) -> int | None:
    """The place of the participle that belongs to the "be" at `index`."""
    words = sentence.words
    for place in range(index + 1, min(index + 2 + _MOST_ADVERBS, len(words))):
        word = words[place]
        if is_participle(word):
            by_somebody = words[place + 1 : place + 2] == ("by",)
            return place if by_somebody or word not in STATES else None
        is_adverb = word in _ADVERBS or (word.endswith("ly") and len(word) > 4)
        if not is_adverb or sentence.tokens[place].endswith(_STOPS):
            return None
    return None

"""Word lists as they stand in the code: many short words to a line."""


def word_list(words: str) -> frozenset[str]:
    return frozenset(words.split())

"""Guesses which column of a sample is what: by its name, else by its content. Pure."""

import re
from collections.abc import Callable

from concord_cli.records.proposal_sample import NAMES, Sample
from concord_cli.records.proposed_times import is_time

PAIR = re.compile(r"\s*(?:POINT\s*)?\(\s*-?[0-9.]+[,\s]\s*-?[0-9.]+\s*\)\s*", re.IGNORECASE)
CLOSED_NAME = re.compile(r"clos|complet|resol|finish|erledigt|abgeschlossen|afgehandeld|cerrad|fini", re.IGNORECASE)
NUMBER = re.compile(r"[-+]?[0-9]*[.,][0-9]+")
MAX_ID, MAX_CATEGORY = 64, 80
MIN_ROWS = 5
"""Rows below which content says too little about categories."""
MOST = 0.9
WORDS = {"id": "the id", "time": "the time", "closed": "the closing time", "category": "the category"}
Columns = dict[str, tuple[str, ...]]


def propose_columns(sample: Sample, guesses: list[str]) -> Columns:
    """Return the columns by role. Adds to `guesses` what comes from the content, and what is missing."""
    columns = _by_name(sample)
    tests: dict[str, Callable[[Sample, str], bool]] = {"id": _is_id, "time": _is_time, "closed": _is_closed}
    tests["category"] = _is_category
    for role, test in tests.items():
        taken = {name for names in columns.values() for name in names}
        free = (name for name in dict.fromkeys(sample.layout.head) if name and name not in taken)
        if role not in columns and (name := next((name for name in free if test(sample, name)), None)):
            columns[role] = (name,)
            guesses.append(f"The column {name} is taken for {WORDS[role]} because of its content.")
    for role in ("category", "time"):
        if role not in columns:
            guesses.append(f"No column looks like the {role}: name it under [columns].")
    return columns


def _by_name(sample: Sample) -> Columns:
    columns: Columns = {}
    for role in NAMES:
        taken = [name for names in columns.values() for name in names]
        name = sample.column(role, taken)
        if role == "point" and name is not None and not all(PAIR.fullmatch(text) for text in sample.texts(name)):
            name = None
        if name is not None:
            columns[role] = (name,)
    if ("lon" in columns) != ("lat" in columns):
        columns = {role: names for role, names in columns.items() if role not in ("lon", "lat")}
    return columns


def _is_id(sample: Sample, name: str) -> bool:
    texts = sample.texts(name)
    is_unique = len(set(texts)) == len(texts) == len(sample.rows) > 1
    is_short = all(len(text) <= MAX_ID and "\n" not in text for text in texts)
    return is_unique and is_short and not _is_time(sample, name) and not any(map(NUMBER.fullmatch, texts))


def _is_time(sample: Sample, name: str) -> bool:
    texts = sample.texts(name)
    return bool(texts) and sum(map(is_time, texts)) >= MOST * len(texts)


def _is_closed(sample: Sample, name: str) -> bool:
    return bool(CLOSED_NAME.search(name)) and _is_time(sample, name)


def _is_category(sample: Sample, name: str) -> bool:
    texts = sample.texts(name)
    kinds = set(texts)
    is_repeated = len(sample.rows) >= MIN_ROWS and 1 < len(kinds) <= len(texts) / 2
    is_text = all(len(text) <= MAX_CATEGORY and any(map(str.isalpha, text)) for text in kinds)
    return is_repeated and is_text and len(texts) >= MOST * len(sample.rows) and not _is_time(sample, name)

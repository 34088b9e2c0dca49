"""Finds the properties of a boundary file that hold the id and the name of an area."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord_cli.city.draft.property_words import property_words

Features = Sequence[Mapping[str, Any]]
MIN_DISTINCT = 0.5
"""Share of different values below which a property groups areas, such as a borough, and is no id of theirs."""
MIN_NAMED = 0.8
"""Share of areas that must have a value in a property of names."""
MIN_NAME_SCORE = 15.0
LISTED_NAME_SCORE = 40.0
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*", re.IGNORECASE)
_FRACTION = re.compile(r"\s*[+-]?\d*\.\d*[1-9]\d*\s*")
_NO_NAME = re.compile(r"://|\S@\S")
_SURFACE = 100_000
"""A number in a property `area` from which on it is a size in some unit, and no number of an area."""


class UnknownProperty(Exception):
    """The chosen property is missing. The text says which there are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The property that fits best, or None, and the others that fit, best first."""

    name: str | None
    others: tuple[str, ...]


def id_text(value: Any) -> str:
    """Return a value of an id property as text: 7 and 7.0 are "7". Lists, objects and nothing are empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def choose_id(features: Features, wanted: str | None = None) -> Choice:
    """Return the property with the ids. Areas in several parts have one id more than once.

    Raises UnknownProperty if some areas lack `wanted`.
    """
    scores = {name: score for name in _names(features) if (score := _id_score(features, name)) > 0}
    if wanted is not None:
        _check_present(features, wanted)
    return _choice(scores, wanted)


def choose_name(features: Features, id_property: str | None, wanted: str | None = None) -> Choice:
    """Return the property with the names, None if no text fits. It can be that of the ids.

    Raises UnknownProperty if no area has `wanted`.
    """
    scores = {name: score for name in _names(features) if (score := _name_score(features, name, id_property)) > 0}
    if wanted is not None:
        if not any(id_text(feature.get(wanted)) for feature in features):
            _fail(features, wanted)
        return _choice(_listed(scores), wanted)
    good = {name: score for name, score in scores.items() if score >= MIN_NAME_SCORE}
    best = _choice(good, None).name
    return _choice({name: score for name, score in good.items() if name == best or score >= LISTED_NAME_SCORE}, None)


def _listed(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: score for name, score in scores.items() if score >= LISTED_NAME_SCORE}


def _choice(scores: Mapping[str, float], wanted: str | None) -> Choice:
    ranked = sorted(scores, key=lambda name: -scores[name])
    best = wanted if wanted is not None else next(iter(ranked), None)
    return Choice(best, tuple(name for name in ranked if name != best))


def _check_present(features: Features, name: str) -> None:
    missing = sum(not id_text(feature.get(name)) for feature in features)
    if missing == len(features):
        _fail(features, name)
    if missing:
        raise UnknownProperty(f"{missing} of {len(features)} areas lack the property {name!r}")


def _fail(features: Features, name: str) -> None:
    present = ", ".join(_names(features)) or "none"
    raise UnknownProperty(f"no area has the property {name!r}; there are {present}")


def _names(features: Features) -> Iterable[str]:
    return dict.fromkeys(name for feature in features for name in feature)


def _id_score(features: Features, name: str) -> float:
    """Return 0 for a property that cannot be the id."""
    values = [id_text(feature.get(name)) for feature in features]
    if not all(values) or _measures(name, values):
        return 0
    distinct = len(set(values)) / len(values)
    if distinct < MIN_DISTINCT or (distinct < 1 and not _same_names(features, name)):
        return 0
    return max(_id_words_score(name) - (0 if distinct == 1 else 25), 1)


def _id_words_score(name: str) -> float:
    words = property_words(name)
    if name.lower() == "area_id":
        return 100
    if words.is_row:
        return 1
    if words.is_id:
        return 80 if words.is_area else 75 if words.exact else 70
    if words.is_name:
        return 30
    return 60 if words.is_area else 10


def _measures(name: str, values: Sequence[str]) -> bool:
    if property_words(name).is_measure or any(_FRACTION.fullmatch(value) for value in values):
        return True
    sizes = (float(value.replace(",", ".")) for value in values if _NUMBER.fullmatch(value))
    return name.lower() == "area" and any(size > _SURFACE for size in sizes)


def _same_names(features: Features, name: str) -> bool:
    """Return whether features of one id have one name, as parts of one area have."""
    named = [other for other in _names(features) if other != name and _is_text_of_area(features, other)]
    groups: dict[tuple[str, str], str] = {}
    return all(
        groups.setdefault((other, id_text(feature[name])), id_text(feature[other])) == id_text(feature[other])
        for feature in features
        for other in named
    )


def _is_text_of_area(features: Features, name: str) -> bool:
    words = property_words(name)
    return (words.is_name or words.is_area) and all(_is_name(feature.get(name)) for feature in features)


def _name_score(features: Features, name: str, id_property: str | None) -> float:
    values = [feature.get(name) for feature in features]
    texts = [value for value in values if _is_name(value)]
    words = property_words(name)
    filled = [value for value in values if id_text(value)]
    if len(texts) < MIN_NAMED * len(values) or len(texts) < len(filled) or words.is_row or words.is_measure:
        return 0
    return _name_words_score(name) * len(set(texts)) / _areas(features, id_property)


def _name_words_score(name: str) -> float:
    words = property_words(name)
    if name.lower() == "area_name":
        return 100
    if words.is_name:
        return 90 if words.is_area or words.exact else 80
    if words.is_id:
        return 10
    return 60 if words.is_area else 20


def _areas(features: Features, id_property: str | None) -> int:
    if id_property is None:
        return len(features)
    return len({id_text(feature.get(id_property)) for feature in features})


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not (_NUMBER.fullmatch(value) or _NO_NAME.search(value))

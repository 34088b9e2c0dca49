"""Checks of city.toml for residents: texts in their language, and holidays that are still to come."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from concord_city.adapters.toml_reader import Source


def check_languages(languages: Sequence[str], texts: Collection[str], facts: Source) -> None:
    """Report the city's languages in which Concord has no texts. `es` is enough for `es-MX`."""
    if not texts:
        return
    known = {language.lower() for language in texts}
    listed = _listed(list(texts))
    for number, language in enumerate(languages):
        if language.lower() not in known and language.lower().split("-")[0] not in known:
            facts.warning(
                ("languages", number),
                f"Concord has no texts in {language!r}: residents are written to in {listed} only",
                "CONTRIBUTING.md, change 4, shows how to add a language; the names of this folder are shown in it",
            )


def check_holidays(holidays: Mapping[date, str], facts: Source, today: date) -> None:
    """Report that all holidays are past."""
    if holidays and max(holidays) < today:
        facts.warning(
            ("holidays",),
            f"the file has no holiday after {max(holidays)}",
            "add the coming ones: promises count working hours on a missing holiday",
        )


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

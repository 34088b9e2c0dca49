"""The messages of one language."""

from gettext import NullTranslations
from typing import Any

from concord_i18n.languages import SOURCE_LANGUAGE


def N_(message: str) -> str:
    """Mark a message for extraction where no translation happens yet, such as in a table."""
    return message


class Translator:
    """Looks messages up and fills in their named placeholders, `%(team)s`.

    A message without a translation stays in the source language.
    """

    def __init__(self, language: str = SOURCE_LANGUAGE, translations: NullTranslations | None = None) -> None:
        self.language = language
        self._translations = translations or NullTranslations()

    def gettext(self, message: str, /, **values: Any) -> str:
        return filled(self._translations.gettext(message), values)

    def ngettext(self, singular: str, plural: str, number: int, /, **values: Any) -> str:
        """The form for `number`, which is also the value of `%(number)s`."""
        return filled(self._translations.ngettext(singular, plural, number), {"number": number, **values})

    def pgettext(self, context: str, message: str, /, **values: Any) -> str:
        """For a word that other languages translate differently in different places."""
        return filled(self._translations.pgettext(context, message), values)


def filled(text: str, values: dict[str, Any]) -> str:
    """The text with its placeholders filled in.

    A value that ends in a full stop, such as `5:00 p.m.`, ends the sentence: no second one follows.
    """
    if not values:
        return text
    for name, value in values.items():
        if isinstance(value, str) and value.endswith("."):
            text = text.replace(f"%({name})s.", f"%({name})s")
    return text % values

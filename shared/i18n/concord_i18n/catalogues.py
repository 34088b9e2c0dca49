"""Loads the gettext catalogues (.po files). A catalogue that could spoil a text is refused at start-up."""

import re
from collections.abc import Iterator, Mapping
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel import UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from concord_i18n.dates import locale_of
from concord_i18n.languages import LOCALE_FOLDER, SOURCE_LANGUAGE, catalogue_files
from concord_i18n.negotiation import Languages
from concord_i18n.translator import Translator

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class CatalogueError(ValueError):
    """A catalogue that cannot be used; the text names the file, the line and what to do."""


class Catalogues:
    """A translator for each language; the source language always has one."""

    def __init__(self, translators: Mapping[str, Translator]) -> None:
        self._translators = {SOURCE_LANGUAGE: Translator(), **translators}

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 tags of the languages there are texts in, the source language first."""
        return tuple(self._translators)

    def __getitem__(self, language: str) -> Translator:
        """Raises KeyError for a language that is not one of `languages`."""
        return self._translators[language]

    def negotiator(self, default: str) -> Languages:
        """Chooses among the languages; `default` is the one wished where nothing else fits, such as the city's."""
        return Languages.with_default(self.languages, default)


def load_catalogues(folder: Path = LOCALE_FOLDER) -> Catalogues:
    """Every `<language>/LC_MESSAGES/concord.po` in the folder. Raises CatalogueError."""
    return Catalogues({language: _load(language, file) for language, file in catalogue_files(folder).items()})


def read_catalogue(file: Path) -> Catalog:
    """Raises CatalogueError when the file is not in PO format."""
    try:
        with file.open("rb") as opened:
            return read_po(opened, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise CatalogueError(f"{file}: not a PO file in UTF-8 ({error}). Check it with msgfmt --check.") from error


def _load(language: str, file: Path) -> Translator:
    try:
        locale_of(language)
    except (UnknownLocaleError, ValueError) as error:
        raise CatalogueError(
            f"{file}: CLDR knows no language {language!r}. Name the folder after a language code, such as fr or pt_BR."
        ) from error
    catalog = read_catalogue(file)
    for fault in faults(catalog):
        raise CatalogueError(f"{file}, {fault}")
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translator(language, GNUTranslations(compiled))


def faults(catalog: Catalog) -> Iterator[str]:
    """What would fail when a message is filled in: each with its line and what to do."""
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        for text in _forms(message):
            if text and not _fits(text, message):
                wanted = ", ".join(f"%({name})s" for name in sorted(_names(message))) or "no placeholder"
                yield f"line {message.lineno}: {text!r} must hold {wanted}, and %% for a percent sign."


def _forms(message: Message) -> tuple[str, ...]:
    """The translation, in all its plural forms; empty texts where there is none yet."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def _names(message: Message) -> set[str]:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    return {name for text in ids for name in PLACEHOLDER.findall(text)}


def _fits(text: str, message: Message) -> bool:
    """Whether the same placeholders stand in the translation; a plural form may say its number in words."""
    found, wanted = set(PLACEHOLDER.findall(text)), _names(message)
    if not (found <= wanted if message.pluralizable else found == wanted):
        return False
    if not wanted:
        return True
    try:
        text % dict.fromkeys(wanted, "")
    except (TypeError, ValueError, KeyError):
        return False
    return True

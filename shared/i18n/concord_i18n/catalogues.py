"""Loads the gettext catalogues (.po files). A catalogue with an error stops the service at start-up."""

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
    """A catalogue with an error. The text names the file, the line and what to do."""


class Catalogues:
    """A translator for each language; the source language always has one."""

    def __init__(self, translators: Mapping[str, Translator]) -> None:
        self._translators = {SOURCE_LANGUAGE: Translator(), **translators}

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 tags of the languages with texts, the source language first."""
        return tuple(self._translators)

    def __getitem__(self, language: str) -> Translator:
        """Raises KeyError for a language that is not one of `languages`."""
        return self._translators[language]

    def negotiator(self, default: str) -> Languages:
        """Return the choice among the languages; `default`, such as the city's, serves where nothing else fits."""
        return Languages.with_default(self.languages, default)


def load_catalogues(folder: Path = LOCALE_FOLDER) -> Catalogues:
    """Load every `<language>/LC_MESSAGES/concord.po` in the folder. Raises CatalogueError."""
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
    """Yield each translation with wrong placeholders: its line, and what to do."""
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        for text in _forms(message):
            if text and not _fits(text, message):
                required = ", ".join(f"%({name})s" for name in sorted(_names(message))) or "no placeholder"
                yield f"line {message.lineno}: {text!r} must hold {required}, and %% for a percent sign."


def _forms(message: Message) -> tuple[str, ...]:
    """The translation, in all its plural forms; empty texts where there is none yet."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def _names(message: Message) -> set[str]:
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    return {name for text in ids for name in PLACEHOLDER.findall(text)}


def _fits(text: str, message: Message) -> bool:
    """Return whether the translation has the message's placeholders. A plural form may spell its number out."""
    names, required = set(PLACEHOLDER.findall(text)), _names(message)
    if not (names <= required if message.pluralizable else names == required):
        return False
    if not required:
        return True
    try:
        text % dict.fromkeys(required, "")
    except (TypeError, ValueError, KeyError):
        return False
    return True

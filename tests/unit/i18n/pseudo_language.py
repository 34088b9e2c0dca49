"""A language that nobody has written: every message in brackets, so that untranslated text is seen."""

import re
from collections.abc import Callable
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from concord_i18n.languages import LOCALE_FOLDER


def bracketed(text: str) -> str:
    return "⟦" + re.sub(r"e(?![^(]*\))", "é", text) + "⟧"


def pseudo(message: Message, forms: int) -> str | tuple[str, ...]:
    if message.pluralizable:
        return tuple(bracketed(message.id[1]) for _ in range(forms))
    return bracketed(message.id)


def write_catalogue(folder: Path, language: str, change: Callable[[Catalog], None] = lambda catalog: None) -> Path:
    """A catalogue with every message of the template, as a translator would add it."""
    with (LOCALE_FOLDER / "concord.pot").open("rb") as template:
        catalog = read_po(template, locale=Locale.parse(language, sep="_"))
    for message in catalog:
        if message.id:
            message.string = pseudo(message, catalog.num_plurals)
    change(catalog)
    file = folder / language / "LC_MESSAGES" / "concord.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_po(opened, catalog)
    return file

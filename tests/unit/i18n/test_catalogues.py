"""Every catalogue is complete and safe to fill in; one that is not is refused at start-up."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from pseudo_language import write_catalogue

from concord_i18n.catalogues import CatalogueError, faults, load_catalogues, read_catalogue
from concord_i18n.languages import LOCALE_FOLDER, catalogue_files, supported_languages

ROOT = Path(__file__).parents[3]
TEMPLATE = LOCALE_FOLDER / "concord.pot"
SENTENCE = "You will hear from a person there by %(hear_by)s."


def plural_forms(start: str) -> tuple[str, str]:
    """Singular and plural of the message that begins like this."""
    plurals = (message.id for message in read_catalogue(TEMPLATE) if message.pluralizable)
    return next(forms for forms in plurals if forms[0].startswith(start))


def keys(catalog: Catalog) -> set[Any]:
    return {(message.context, message.id) for message in catalog if message.id}


def test_the_template_holds_what_code_and_templates_say(tmp_path: Path) -> None:
    extracted = tmp_path / "concord.pot"
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    subprocess.run(["sh", "scripts/catalogue.sh", str(extracted)], cwd=ROOT, env={"PATH": path}, check=True, timeout=60)
    assert keys(read_catalogue(extracted)) == keys(read_catalogue(TEMPLATE)), "run `make catalogue`"


@pytest.mark.parametrize("language", catalogue_files())
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    catalog = read_catalogue(catalogue_files()[language])
    assert keys(catalog) == keys(read_catalogue(TEMPLATE)), "run `make catalogue`, then translate"
    texts = {message.id: message.string for message in catalog if message.id}
    empty = [id for id, text in texts.items() if not (all(text) if isinstance(text, tuple) else text)]
    assert empty == []
    assert not any(message.fuzzy for message in catalog if message.id)
    assert list(faults(catalog)) == []


def test_spanish_is_there_and_english_needs_no_catalogue() -> None:
    assert load_catalogues().languages == supported_languages() == ("en", "es")
    assert load_catalogues()["en"].gettext(SENTENCE, hear_by="noon") == "You will hear from a person there by noon."


@pytest.mark.parametrize(
    "text",
    [
        "Sans la date.",
        "Avant %(hear_by)s, %(name)s.",
        "Avant %(hear_by)s, à 100 %.",
        "Avant %(hear_by)s (%s).",
        "Avant %(hear_by)s %(hear_by)d.",
    ],
)
def test_a_translation_that_cannot_be_filled_in_is_refused(tmp_path: Path, text: str) -> None:
    def change(catalog: Catalog) -> None:
        catalog.get(SENTENCE).string = text

    file = write_catalogue(tmp_path, "fr", change)
    with pytest.raises(CatalogueError, match=r"must hold %\(hear_by\)s") as refused:
        load_catalogues(tmp_path)
    assert str(file) in str(refused.value)


def test_a_plural_form_that_is_not_translated_yet_is_given_in_english(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        catalog.get(plural_forms("It could be used")).string = ("Un jour.",)

    write_catalogue(tmp_path, "fr", change)
    french, forms = load_catalogues(tmp_path)["fr"], plural_forms("It could be used")
    assert french.ngettext(*forms, 1) == "Un jour."
    assert french.ngettext(*forms, 14) == "It could be used for 14 days after the mail."


def test_a_folder_that_is_no_language_is_refused(tmp_path: Path) -> None:
    file = write_catalogue(tmp_path, "fr")
    file.parent.parent.rename(tmp_path / "klingon")
    with pytest.raises(CatalogueError, match="language code, such as fr or pt_BR"):
        load_catalogues(tmp_path)


@pytest.mark.parametrize("content", [b"Bonjour\n", 'msgid "a"\nmsgstr "\xe9"'.encode("latin-1")])
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "fr" / "LC_MESSAGES" / "concord.po"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(CatalogueError, match="not a PO file"):
        load_catalogues(tmp_path)


def test_a_message_that_is_not_translated_yet_is_given_in_english(tmp_path: Path) -> None:
    def change(catalog: Catalog) -> None:
        catalog.get("It is closed.").string = ""

    write_catalogue(tmp_path, "fr", change)
    french = load_catalogues(tmp_path)["fr"]
    assert french.gettext("It is closed.") == "It is closed."
    assert french.gettext("It is open again.") == "⟦It is opén again.⟧"


def test_the_folder_of_a_regional_language_gives_a_bcp_47_tag(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "pt_BR")
    assert load_catalogues(tmp_path).languages == ("en", "pt-BR")

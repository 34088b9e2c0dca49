"""The languages of Concord's texts: English, and each language that has a catalogue. Loads no Babel."""

from pathlib import Path

SOURCE_LANGUAGE = "en"
"""The language of the messages in the code and the templates; it needs no catalogue."""
DOMAIN = "concord"
LOCALE_FOLDER = Path(__file__).parent / "locale"


def catalogue_files(folder: Path = LOCALE_FOLDER) -> dict[str, Path]:
    """Return each catalogue by its language (BCP 47), such as `pt-BR` for the folder `pt_BR`, in alphabetical order."""
    files = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return {file.parent.parent.name.replace("_", "-"): file for file in files}


def supported_languages(folder: Path = LOCALE_FOLDER) -> tuple[str, ...]:
    """BCP 47 tags; the source language first."""
    return (SOURCE_LANGUAGE, *(language for language in catalogue_files(folder) if language != SOURCE_LANGUAGE))

"""Catalogues with a third language, which is one file more."""

import shutil
import sys
from pathlib import Path

import pytest

from concord_i18n.catalogues import Catalogues, load_catalogues
from concord_i18n.languages import LOCALE_FOLDER

sys.path.insert(0, str(Path(__file__).parent))

from pseudo_language import write_catalogue


@pytest.fixture
def locale_folder(tmp_path: Path) -> Path:
    """A copy of the catalogues that Concord comes with."""
    return Path(shutil.copytree(LOCALE_FOLDER, tmp_path / "locale"))


@pytest.fixture
def with_french(locale_folder: Path) -> Catalogues:
    """The catalogues after somebody has added one file."""
    write_catalogue(locale_folder, "fr")
    return load_catalogues(locale_folder)

"""The sentences of the status: closed is not fixed, and every status has one in each language."""

import pytest

from concord_i18n.catalogues import load_catalogues
from concord_intake.domain.timeline import STATUSES
from concord_intake.i18n.status_messages import STATUS

PROMISES_TOO_MUCH = ("fixed", "repaired", "solved", "arreglado", "reparado", "resuelto", "solucionado")


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_status_says_that_it_is_fixed(language: str) -> None:
    """Only the reporter can say so."""
    translator = load_catalogues()[language]
    sentences = {status: translator.gettext(STATUS[status], team="Team") for status in STATUSES}
    assert [status for status, text in sentences.items() if any(word in text for word in PROMISES_TOO_MUCH)] == []
    assert len(set(sentences.values())) == len(STATUSES)

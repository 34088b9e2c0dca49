"""Filling in messages."""

from concord_i18n.catalogues import load_catalogues
from concord_i18n.translator import Translator


def test_placeholders_are_filled_in_and_values_taken_as_they_are() -> None:
    assert Translator().gettext("It is with %(team)s.", team="100 %(name)s") == "It is with 100 %(name)s."
    assert Translator().gettext("100 % sure") == "100 % sure"


def test_a_value_that_ends_in_a_full_stop_ends_the_sentence() -> None:
    sentence = "By %(due)s. Then %(due)s, and so on."
    assert Translator().gettext(sentence, due="5:00 p.m.") == "By 5:00 p.m. Then 5:00 p.m., and so on."


def test_plurals_and_contexts() -> None:
    singular, plural = (
        "It could be used for %(number)s day after the mail.",
        ("It could be used for %(number)s days after the mail."),
    )
    assert Translator().ngettext(singular, plural, 1) == "It could be used for 1 day after the mail."
    spanish = load_catalogues()["es"]
    assert "14 días" in spanish.ngettext(singular, plural, 14)
    assert "1 día " in spanish.ngettext(singular, plural, 1)
    assert spanish.pgettext("is it fixed", "Yes") == "Sí"

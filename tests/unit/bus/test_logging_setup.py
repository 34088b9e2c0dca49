"""What a log line says of an error: where, never what was in hand."""

import logging

from concord_bus.logging_setup import WithoutTexts

SAID = " ".join(("Rosa", "wrote", "this"))  # apart, so that no line of code that is shown holds it


def _raised() -> BaseException:
    try:
        try:
            raise ValueError(SAID)
        except ValueError as error:
            raise RuntimeError(f"while writing: {SAID}") from error
    except RuntimeError as error:
        return error


def test_an_error_is_logged_by_class_and_place_without_its_text() -> None:
    error = _raised()
    record = logging.LogRecord("web", logging.ERROR, __file__, 1, "request failed", (), (type(error), error, None))
    written = WithoutTexts("%(levelname)s %(name)s %(message)s").format(record)
    assert written.startswith("ERROR web request failed\nValueError, most recent call last:\n")
    assert "\nRuntimeError, most recent call last:\n" in written
    assert 'test_logging_setup.py", line ' in written
    assert "in _raised" in written
    assert SAID not in written


def test_an_error_that_leads_to_itself_ends() -> None:
    error = _raised()
    assert error.__cause__ is not None
    error.__cause__.__context__ = error
    assert WithoutTexts().formatException((type(error), error, None)).count("most recent call last") == 2

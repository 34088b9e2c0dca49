"""Logs as JSON lines on standard error. They hold ids and places in the code, never personal data."""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


class WithoutTexts(logging.Formatter):
    """Formats an error as the classes and code places of the error and its causes.

    It leaves the texts out: a database error quotes the row, and with it what a resident wrote.
    """

    def formatException(self, ei: Any) -> str:
        return without_text(ei[1])


def without_text(error: BaseException | None) -> str:
    """Return the class and code places of an error and of its causes, on several lines."""
    lines: list[str] = []
    for cause in _causes(error):
        lines += [f"{type(cause).__qualname__}, most recent call last:\n", *traceback.format_tb(cause.__traceback__)]
    return "".join(lines).rstrip("\n")


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return the error and its causes, the first cause first."""
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return causes


def configure(service: str, level: str = "INFO") -> None:
    """Set up structlog and the loggers of the libraries for one process."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            _name(service),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(WithoutTexts("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[to_stderr])
    # nameko logs the text of every exception, which may quote a message. Our edges log its place instead.
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    logging.getLogger("amqp").setLevel(logging.CRITICAL)


def _name(service: str) -> Processor:
    """Return a processor that adds the service's name to every line."""

    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return add

"""Logs as JSON lines on standard error. They name ids and places in the code, never a resident's words or contact."""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


class WithoutTexts(logging.Formatter):
    """Of an error it writes the class and the places in the code, of each that led to it as well.

    Not the texts: a database's own names the row that it refused, and with it what a resident wrote.
    """

    def formatException(self, ei: Any) -> str:
        return without_text(ei[1])


def without_text(error: BaseException | None) -> str:
    """Class and places of an error and of what led to it, on several lines."""
    lines: list[str] = []
    for cause in _causes(error):
        lines += [f"{type(cause).__qualname__}, most recent call last:\n", *traceback.format_tb(cause.__traceback__)]
    return "".join(lines).rstrip("\n")


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error and what led to it, the first cause first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def configure(service: str, level: str = "INFO") -> None:
    """Set up structlog and the libraries' own loggers for one process."""
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
    # nameko logs the text of every exception, which may quote a message; our own edges log its place instead
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    logging.getLogger("amqp").setLevel(logging.CRITICAL)


def _name(service: str) -> Processor:
    """Every line names its service, whichever green thread wrote it."""

    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return add

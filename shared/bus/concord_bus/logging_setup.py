"""Logs as JSON lines on standard error. They hold ids and places in the code, never personal data."""

import contextlib
import logging
import sys
import threading
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

UNCAUGHT = structlog.get_logger("concord.uncaught")


class JsonLines(logging.Handler):
    """Writes the records of the libraries' loggers as JSON lines, like those of our own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. An error is there by classes and code places only."""
        try:
            error = {"error": without_text(record.exc_info[1])} if record.exc_info else {}
            log = structlog.get_logger(record.name)
            log.log(_level(record.levelno), record.getMessage(), logger=record.name, **error)
        except Exception:  # the edge: an unreadable record must not stop the work that it is about
            self.handleError(record)


def _level(number: int) -> int:
    """Return the standard level at or below a level."""
    return max(logging.DEBUG, min(number // 10 * 10, logging.CRITICAL))


def without_text(error: BaseException | None) -> str:
    """Return the class and code places of an error and of its causes, on several lines.

    It leaves the texts out: a database error quotes the row, and with it what a resident wrote.
    """
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
    """Set up structlog, the loggers of the libraries, warnings and uncaught errors for one process.

    Call it before anything can fail: before that, Python writes warnings and errors as text.
    """
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
    logging.basicConfig(level=logging.WARNING, handlers=[JsonLines()], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda failed: _log_uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    # nameko logs the text of every exception, which may quote a message. Our edges log its place instead.
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    logging.getLogger("amqp").setLevel(logging.CRITICAL)


def log_uncaught_of(hub: Any) -> None:
    """Log what green threads leave uncaught as a line. eventlet's hub itself prints it, with the text of the error."""

    def of_descriptor(descriptor: Any, error: Any) -> None:
        _log_uncaught(*error)
        with contextlib.suppress(Exception):  # as eventlet: a descriptor that fails must not be asked again
            hub.remove_descriptor(descriptor)

    def of_thread(error: Any) -> None:
        if hub.debug_exceptions:
            _log_uncaught(*error)

    hub.squelch_exception = of_descriptor
    hub.squelch_timer_exception = lambda _timer, error: of_thread(error)
    hub.squelch_generic_exception = of_thread


def _log_uncaught(_kind: Any, error: BaseException | None, _trace: Any) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    UNCAUGHT.critical("uncaught error", error=without_text(error))


def _name(service: str) -> Processor:
    """Return a processor that adds the service's name to every line."""

    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return add

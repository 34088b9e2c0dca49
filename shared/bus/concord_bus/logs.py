"""Logs as JSON lines on standard error. They name ids and places in the code, never a resident's words or contact."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor


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
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    # nameko logs the text of every exception, which may quote a message; our own edges log its place instead
    logging.getLogger("nameko").setLevel(logging.CRITICAL)
    logging.getLogger("amqp").setLevel(logging.CRITICAL)


def _name(service: str) -> Processor:
    """Every line names its service, whichever green thread wrote it."""

    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": service, **event}

    return add

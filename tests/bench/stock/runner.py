"""Runs a stock service as nameko's own command does, without that command's need of `pkg_resources`."""

import os
import signal
import sys
from typing import Any

from nameko.runners import ServiceRunner


def serve(service_cls: type[Any], **config: Any) -> None:
    """Until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    runner = ServiceRunner({"AMQP_URI": os.environ["BENCH_BROKER_URL"], **config})
    runner.add_service(service_cls)
    runner.start()
    runner.wait()

"""A subscriber that an event ends: `python dying_service.py URL QUEUE EVENT_ID FILE`. It notes each event in FILE."""

import os
import sys
from pathlib import Path

from concord_client import DeadLetter, Event, Subscriber

url, queue, deadly, file = sys.argv[1:]


def handle(event: Event) -> None:
    with Path(file).open("a") as notes:
        notes.write(f"{event.id}\n")
    if event.id == deadly:
        os._exit(1)
    if event.id == "last":
        subscriber.stop()


def keep(letter: DeadLetter) -> None:
    raise AssertionError(letter.reason)


subscriber = Subscriber(url, queue=queue, types=["concern.routed.v1"], areas=["B2"], bind=False, dead_letter=keep)
subscriber.run(handle)

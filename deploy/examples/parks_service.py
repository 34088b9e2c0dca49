"""The parks department's cleaning list: graffiti in two districts, as Concord routes it.

Needs CONCORD_URL (as `concord subscriber add` prints it) and the package concord-client. Stop it with Ctrl-C.
"""

import os

from concord_client import DeadLetterFolder, Event, Subscriber


def clean(event: Event) -> None:
    """One line for the crew. If this raised, the event would come again later."""
    place, promised = event.data["area"], event.data["respond_by"]
    print(f"{event.concern_id}: graffiti in {place}, promised by {promised}", flush=True)


def main() -> None:
    subscriber = Subscriber(
        os.environ["CONCORD_URL"],
        queue="sub.parks.events",
        types=["concern.routed.v1"],
        areas=["B2", "B3"],
        categories=["graffiti"],
        dead_letter=DeadLetterFolder(os.environ.get("PARKS_DEAD_LETTERS", "dead-letters")),
    )
    subscriber.run(clean)


if __name__ == "__main__":
    main()

"""The city worker: looks at the city folder, and brings the cases in line with a changed city."""

from collections.abc import Callable

import eventlet

from concord_bus.extensions.city_folder import CityLook
from concord_city.adapters.folder_watch import CityWatch
from concord_routing.application.live_rules import Rules

AGAIN_LOOKS = 150
"""Looks after which the cases are compared again: one may have reopened with a team that is gone."""
Adopt = Callable[[Rules, str], bool]
"""Handles a batch of cases for the rules with a digest; returns whether there may be more."""


class CityWorker:
    """One call looks once, and ends when no case waits for the live city. An error leaves the rest to the next call."""

    def __init__(self, watch: CityWatch[Rules], adopt: Adopt) -> None:
        self._watch = watch
        self._look = CityLook(watch)
        self._adopt = adopt
        self._adopted: str | None = None
        self._looks = 0

    def __call__(self) -> None:
        """Raises ResourceUnavailable."""
        self._look()
        self._looks += 1
        if self._looks % AGAIN_LOOKS == 0:
            self._adopted = None
        live = self._watch.live
        while self._adopted != live.digest:
            if not self._adopt(live.value, live.digest):
                self._adopted = live.digest
            eventlet.sleep(0)

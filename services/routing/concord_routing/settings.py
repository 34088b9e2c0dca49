"""Routing's settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eventlet import tpool

from concord_access.http_settings import HttpSettings
from concord_access.limit_settings import LOGINS, LimitSettings
from concord_access.oidc_settings import DeskSettings
from concord_access.settings import AccessSettings
from concord_bus.settings import BusSettings, SettingsError, required
from concord_city import CityError
from concord_city.adapters.folder_watch import CityWatch
from concord_contracts.encryption import variable
from concord_routing.application.live_rules import Rules, load_rules

DEFAULT_PORT = 8081
NEEDS_KEYS = {
    "routing": "concerns come encrypted",
    "notification": "officers' words are encrypted for it",
    "intake": "officers' words are encrypted for it",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of routing from its environment. `city` holds the city and notices changes of its folder.

    Without `desk` there are no pages.
    """

    bus: BusSettings
    city: CityWatch[Rules]
    http: HttpSettings
    limits: LimitSettings
    access: AccessSettings
    desk: DeskSettings | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raises SettingsError naming the variable that is missing or wrong."""
        bus = BusSettings.from_env(env)
        for recipient, why in NEEDS_KEYS.items():
            if not bus.keyrings.has(recipient):
                raise SettingsError(f"set {variable(recipient)} or {variable(recipient)}_FILE: {why}")
        return cls(
            bus=bus,
            city=_city(required(env, "CONCORD_CITY")),
            http=HttpSettings.from_env(env, DEFAULT_PORT),
            limits=LimitSettings.from_env(env, LOGINS),
            access=AccessSettings.from_env(env),
            desk=DeskSettings.from_env(env),
        )


def _city(folder: str) -> CityWatch[Rules]:
    try:
        return CityWatch(Path(folder), load_rules, tpool.execute)
    except CityError as error:
        errors = [str(finding) for finding in error.findings if finding.level == "error"]
        raise SettingsError(
            f"CONCORD_CITY cannot be used: {'; '.join(errors[:3])}. See `concord city check {folder}`"
        ) from error

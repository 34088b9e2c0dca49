"""The limits of a client's requests, from the environment of a service."""

from collections.abc import Mapping
from dataclasses import dataclass

from concord_bus.settings import SettingsError
from concord_web.limiter import Limiter, read_rate

LOGINS = "logins"
"""Wrong API keys and tokens."""
RECEIPTS = "receipts"
"""Wrong receipts, and wrong tokens of the links in mails."""
REPORTS = "reports"
"""Concerns reported without a login."""
VARIABLES = {
    LOGINS: "CONCORD_LIMIT_LOGINS",
    RECEIPTS: "CONCORD_LIMIT_RECEIPTS",
    REPORTS: "CONCORD_LIMIT_REPORTS",
}
DEFAULTS = {LOGINS: "30/10 minutes", RECEIPTS: "30/10 minutes", REPORTS: "100/10 minutes"}


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """The rate of each limit, such as `30/10 minutes`, or `off`."""

    rates: Mapping[str, str]

    @classmethod
    def from_env(cls, env: Mapping[str, str], *names: str) -> "LimitSettings":
        """Read the limits with these names. Raises SettingsError, which names the wrong variable."""
        return cls({name: _rate(env, name) for name in names})

    def limiter(self) -> Limiter:
        return Limiter(self.rates)


def _rate(env: Mapping[str, str], name: str) -> str:
    text = env.get(VARIABLES[name], "").strip() or DEFAULTS[name]
    try:
        read_rate(text)
    except ValueError:
        raise SettingsError(f"{VARIABLES[name]} must be a rate such as {DEFAULTS[name]}, or off") from None
    return text

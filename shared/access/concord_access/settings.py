"""Access settings from the environment.

A service loads the token verifier only if tokens are set up: it takes 3 MB in each process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from concord_access.api_keys import ApiKeyVerifier
from concord_access.authenticator import Authenticator
from concord_access.domain.api_key import MIN_PEPPER_BYTES
from concord_access.domain.claims import ExpectedClaims
from concord_access.login_limit import LoginLimit
from concord_bus.ports import Clock, Transactions, utc_now
from concord_bus.settings import SettingsError, optional
from concord_web.limiter import Limiter

PEPPER = "CONCORD_ACCESS_KEY"
ISSUER = "CONCORD_JWT_ISSUER"
AUDIENCE = "CONCORD_JWT_AUDIENCE"
KEYS = "CONCORD_JWT_KEYS"


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """The three kinds of credential of a service; None for a kind that is not set up."""

    operator_token: str | None = field(repr=False)
    pepper: bytes | None = field(repr=False)
    expected: ExpectedClaims | None
    fetch: Callable[[], bytes] | None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "AccessSettings":
        """Read the settings. Raises SettingsError with the name of the missing or invalid variable."""
        issuer, audience, keys = (optional(env, name) for name in (ISSUER, AUDIENCE, KEYS))
        expected, fetch = None, None
        if issuer or audience or keys:
            if not (issuer and audience and keys):
                raise SettingsError(f"set {ISSUER}, {AUDIENCE} and {KEYS} together, or none of them")
            expected, fetch = ExpectedClaims(issuer, audience), _source(keys)
        return cls(optional(env, "CONCORD_OPS_TOKEN"), _pepper(optional(env, PEPPER)), expected, fetch)

    def authenticator(
        self, transactions: Transactions | None = None, clock: Clock = utc_now, limiter: Limiter | None = None
    ) -> Authenticator:
        """Return the authenticator. `transactions` open a store with `keys`; omit them in a service without keys.

        `limiter` bounds the wrong credentials of a client.
        """
        keys = ApiKeyVerifier(self.pepper, transactions, clock) if self.pepper and transactions else None
        tokens = None
        if self.expected is not None and self.fetch is not None:
            from concord_access.adapters.jwks import CachedKeys
            from concord_access.adapters.jwt import JwtVerifier

            tokens = JwtVerifier(self.expected, CachedKeys(self.fetch), clock)
        return Authenticator(self.operator_token, keys, tokens, None if limiter is None else LoginLimit(limiter))


def _pepper(text: str | None) -> bytes | None:
    if text is not None and len(text.encode()) < MIN_PEPPER_BYTES:
        raise SettingsError(f"{PEPPER} must be at least {MIN_PEPPER_BYTES} characters of a random text")
    return text.encode() if text else None


def _source(keys: str) -> Callable[[], bytes]:
    from concord_access.adapters.jwks_source import jwks_reader

    try:
        return jwks_reader(keys)
    except ValueError as error:
        raise SettingsError(f"{KEYS} {error}") from None

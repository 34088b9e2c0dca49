"""The settings of sign-in from the environment of a service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from concord_access.domain.safe_urls import is_safe
from concord_bus.settings import SettingsError, optional

ISSUER = "CONCORD_OIDC_ISSUER"
CLIENT_ID = "CONCORD_OIDC_CLIENT_ID"
CLIENT_SECRET = "CONCORD_OIDC_CLIENT_SECRET"
SCOPES = "CONCORD_OIDC_SCOPES"
GROUPS_CLAIM = "CONCORD_OIDC_GROUPS_CLAIM"
DESK_URL = "CONCORD_DESK_URL"
CALLBACK = "/desk/signed-in"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The identity provider, and this desk as its client."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: str = "openid"
    groups_claim: str = "groups"


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """`url` is the origin of the desk as officers' browsers see it. Without a provider, only API keys sign in."""

    url: str
    provider: ProviderSettings | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "DeskSettings | None":
        """Return the settings, None without a desk. Raises SettingsError, which names the wrong variable."""
        url, provider = optional(env, DESK_URL), _provider(env)
        if url is None:
            if provider is not None:
                raise SettingsError(f"set {DESK_URL}, such as https://desk.city.example.org, for the sign-in")
            return None
        return cls(_origin(DESK_URL, url), provider)


def _provider(env: Mapping[str, str]) -> ProviderSettings | None:
    issuer, client_id, secret = (optional(env, name) for name in (ISSUER, CLIENT_ID, CLIENT_SECRET))
    if not (issuer or client_id or secret):
        return None
    if not (issuer and client_id and secret):
        raise SettingsError(f"set {ISSUER}, {CLIENT_ID} and {CLIENT_SECRET} together, or none of them")
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise SettingsError(f"{ISSUER} must be the issuer's https URL, to the letter as the provider writes it")
    scopes = optional(env, SCOPES) or "openid"
    if "openid" not in scopes.split():
        raise SettingsError(f"{SCOPES} must contain openid, such as: openid groups")
    return ProviderSettings(issuer, client_id, secret, scopes, optional(env, GROUPS_CLAIM) or "groups")


def _origin(variable: str, url: str) -> str:
    parts = urlsplit(url)
    if not is_safe(url) or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise SettingsError(f"{variable} must be https with a host and no path, such as https://desk.city.example.org")
    return f"{parts.scheme}://{parts.netloc}".lower()

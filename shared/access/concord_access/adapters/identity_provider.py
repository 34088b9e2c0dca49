"""The city's identity provider over HTTP: discovery, keys, and the exchange of a code for an ID token.

It follows no redirect, and every wait has an end. Nothing that it receives goes into a log but error codes.
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from concord_access.adapters.id_token import verify_id_token
from concord_access.adapters.jwks import CachedKeys
from concord_access.adapters.jwks_source import jwks_reader
from concord_access.domain.errors import SigningKeysUnavailable
from concord_access.domain.safe_urls import is_safe
from concord_access.domain.sign_in import (
    Attempt,
    Provider,
    ProviderUnavailable,
    SignedIn,
    SignInRefused,
    authorization_url,
    check_answer,
    groups_in,
    read_provider,
    subject_of,
    with_parameters,
)
from concord_bus.ports import Clock, utc_now
from concord_contracts.strict_json import loads
from concord_http import HttpClient, HttpError, Limits, Response, ServerAddress

SECONDS = 5.0
"""The maximum time of one request, from connecting to the last byte."""
MAX_BYTES = 256 * 1024
FRESH_SECONDS = 3600.0
RETRY_SECONDS = 10.0
"""The pause after a failed discovery, so that a provider that is away costs one wait and not one for each visitor."""
DISCOVERY = "/.well-known/openid-configuration"
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_LIMITS = Limits(SECONDS, SECONDS, SECONDS, MAX_BYTES)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """This desk as the provider knows it. `redirect_uri` is the address to which officers come back."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    scope: str = "openid"
    groups_claim: str = "groups"


@dataclass(frozen=True, slots=True)
class _Known:
    """A provider with its keys, and when we asked, in the seconds of the monotonic clock."""

    provider: Provider
    keys: CachedKeys
    since: float


class IdentityProvider:
    """Signs officers in. `issuer` is an https URL, or http on this machine."""

    def __init__(
        self, issuer: str, client: Client, clock: Clock = utc_now, now: Callable[[], float] = monotonic
    ) -> None:
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._now = now
        self._known: _Known | None = None
        self._failed_at = float("-inf")
        self._asking = threading.Lock()

    def sign_in_url(self, attempt: Attempt) -> str:
        """Return the provider's page for an attempt. Raises ProviderUnavailable."""
        client = self._client
        return authorization_url(self._provider(), client.client_id, client.redirect_uri, client.scope, attempt)

    def sign_out_url(self, back: str) -> str | None:
        """Return the provider's page that ends its own session; None if it has none or is away."""
        try:
            endpoint = self._provider().end_session_endpoint
        except ProviderUnavailable:
            return None
        if endpoint is None:
            return None
        return with_parameters(endpoint, {"client_id": self._client.client_id, "post_logout_redirect_uri": back})

    def finish(self, answer: Mapping[str, str | None], attempt: Attempt | None) -> SignedIn:
        """Return who signed in, from the parameters of the provider's answer.

        Raises SignInRefused for an answer that is not to this attempt, was used before, or has an invalid token;
        ProviderUnavailable if the provider cannot be asked.
        """
        provider = self._provider()
        attempt = check_answer(provider, attempt, answer.get("state"), answer.get("iss"))
        code = answer.get("code")
        if not code:
            raise SignInRefused(f"the provider answered {_code(answer.get('error'))}")
        tokens = self._exchange(provider, code, attempt.verifier)
        claims = self._claims(tokens, provider, attempt.nonce)
        groups = groups_in(claims, self._client.groups_claim)
        if groups is None:
            groups = self._groups_of_userinfo(provider, tokens, claims["sub"])
        return SignedIn(subject_of(claims), groups)

    def _claims(self, tokens: Mapping[str, Any], provider: Provider, nonce: str) -> dict[str, Any]:
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise SignInRefused("the provider gave no ID token: the scope must have openid")
        assert self._known is not None
        try:
            return verify_id_token(token, provider, self._known.keys, self._client.client_id, nonce, self._clock)
        except SigningKeysUnavailable as error:
            raise ProviderUnavailable("its keys cannot be read") from error

    def _exchange(self, provider: Provider, code: str, verifier: str) -> dict[str, Any]:
        """Send the secret in the body: Basic would need a second encoding, which few servers agree on."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret,
            "code_verifier": verifier,
        }
        response = _ask(provider.token_endpoint, lambda client, path: client.post_form(path, fields))
        answer = _object(response)
        if response.status == 200:
            return answer
        error = _code(answer.get("error"))
        if error == "invalid_grant":
            raise SignInRefused("the code is not valid, or was used before")
        raise ProviderUnavailable(f"its token endpoint answered {response.status} {error}")

    def _groups_of_userinfo(self, provider: Provider, tokens: Mapping[str, Any], subject: str) -> frozenset[str]:
        """Ask for the groups if the ID token has none. No groups give no right."""
        bearer = tokens.get("access_token")
        if provider.userinfo_endpoint is None or not isinstance(bearer, str):
            return frozenset()
        response = _ask(provider.userinfo_endpoint, lambda client, path: client.get(path), bearer)
        if response.status != 200:
            return frozenset()
        claims = _object(response)
        if claims.get("sub") != subject:
            raise SignInRefused("userinfo speaks of another person")
        return groups_in(claims, self._client.groups_claim) or frozenset()

    def _provider(self) -> Provider:
        """Return the provider, asked again after an hour. An old answer serves while it is away."""
        known = self._known
        if known is None or self._now() - known.since > FRESH_SECONDS:
            with self._asking:
                if self._known is known:
                    self._discover()
        if self._known is None:
            raise ProviderUnavailable("its discovery document cannot be read")
        return self._known.provider

    def _discover(self) -> None:
        if self._now() - self._failed_at < RETRY_SECONDS:
            return
        try:
            response = _ask(self._issuer.rstrip("/") + DISCOVERY, lambda client, path: client.get(path))
            if response.status != 200:
                raise ProviderUnavailable(f"discovery answered {response.status}")
            provider = read_provider(_object(response), self._issuer)
            _check_places(provider)
            same = self._known is not None and self._known.provider.jwks_uri == provider.jwks_uri
            keys = self._known.keys if same and self._known else CachedKeys(jwks_reader(provider.jwks_uri), self._now)
        except ProviderUnavailable as error:
            self._failed_at = self._now()
            _log.warning("the identity provider is not available: %s", error)
            return
        self._known = _Known(provider, keys, self._now())


def _check_places(provider: Provider) -> None:
    places = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
    optional = (provider.userinfo_endpoint, provider.end_session_endpoint)
    for place in (*places, *(each for each in optional if each is not None)):
        if not is_safe(place):
            raise ProviderUnavailable("an endpoint is no https URL")


def _ask(url: str, send: Callable[[HttpClient, str], Response], bearer: str | None = None) -> Response:
    """Return the response to one request. Raises ProviderUnavailable."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        server = ServerAddress.parse(f"{parts.scheme}://{parts.netloc}")
        with HttpClient(server, bearer=bearer, limits=_LIMITS) as client:
            return send(client, target)
    except (HttpError, ValueError) as error:
        raise ProviderUnavailable(str(error)) from None


def _object(response: Response) -> dict[str, Any]:
    """Return the JSON object of a response; an empty one for anything else."""
    try:
        content = loads(response.body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _code(text: object) -> str:
    """Return an error code of OAuth for the log, never other text."""
    return text if isinstance(text, str) and _ERROR_CODE.fullmatch(text) else "an unknown error"

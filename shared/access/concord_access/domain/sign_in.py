"""Sign-in by OpenID Connect: the authorization code flow with PKCE, as values. Nothing here asks the network."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from concord_access.domain.claims import SUBJECT

SIGNING_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Public-key signatures only: with `none` or HS256 anybody, or anybody with our secret, could sign."""
MAX_GROUPS = 1000
MAX_GROUP_LENGTH = 200
_RANDOM_BYTES = 32
_PART = re.compile(r"[A-Za-z0-9_-]{43}")


class SignInRefused(Exception):
    """The provider's answer signs nobody in. The text is for the log: it names the rule, never a value."""


class ProviderUnavailable(Exception):
    """The identity provider does not answer as it should. Remedy: try again; the log names the cause."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: three random texts, which only the browser that began it holds.

    `state` ties the provider's answer to the browser, `nonce` the ID token to the attempt, and `verifier` the code to
    it (PKCE).
    """

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """The S256 challenge of RFC 7636."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def write(self) -> str:
        """Return the attempt as the value of a cookie."""
        return f"{self.state}.{self.nonce}.{self.verifier}"


def new_attempt() -> Attempt:
    return Attempt(*(secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3)))


def read_attempt(text: str) -> Attempt | None:
    """Return the attempt in a cookie, None for another text."""
    parts = text.split(".")
    return Attempt(*parts) if len(parts) == 3 and all(map(_PART.fullmatch, parts)) else None


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider, as its discovery document describes it (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    names_issuer: bool = False
    """The provider names itself in its answers (RFC 9207), so an answer without its name is not its own."""


_REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL = ("userinfo_endpoint", "end_session_endpoint")


def read_provider(metadata: Any, issuer: str) -> Provider:
    """Return the provider of a discovery document. Raises ProviderUnavailable, which names the wrong member."""
    if not isinstance(metadata, dict) or metadata.get("issuer") != issuer:
        raise ProviderUnavailable("issuer is not the one in CONCORD_OIDC_ISSUER, to the letter")
    for name in (*_REQUIRED, *(name for name in _OPTIONAL if metadata.get(name) is not None)):
        if not isinstance(metadata.get(name), str):
            raise ProviderUnavailable(f"{name} is missing or no text")
    offered = metadata.get("id_token_signing_alg_values_supported")
    algorithms = tuple(name for name in SIGNING_ALGORITHMS if isinstance(offered, list) and name in offered)
    if not algorithms:
        wanted = ", ".join(SIGNING_ALGORITHMS)
        raise ProviderUnavailable(f"id_token_signing_alg_values_supported has none of {wanted}")
    return Provider(
        issuer,
        metadata["authorization_endpoint"],
        metadata["token_endpoint"],
        metadata["jwks_uri"],
        algorithms,
        metadata.get("userinfo_endpoint"),
        metadata.get("end_session_endpoint"),
        names_issuer=metadata.get("authorization_response_iss_parameter_supported") is True,
    )


def authorization_url(provider: Provider, client_id: str, redirect_uri: str, scope: str, attempt: Attempt) -> str:
    """Return the page of the provider on which the officer signs in."""
    parameters = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": attempt.challenge,
        "code_challenge_method": "S256",
    }
    return with_parameters(provider.authorization_endpoint, parameters)


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """Return `url` with more parameters; it may have some already."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


def check_answer(provider: Provider, attempt: Attempt | None, state: str | None, issuer: str | None) -> Attempt:
    """Return the attempt that the provider's answer belongs to. Raises SignInRefused."""
    if attempt is None or state is None or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        raise SignInRefused("state is not the one of this browser")
    if (issuer is not None or provider.names_issuer) and issuer != provider.issuer:
        raise SignInRefused("iss names another provider")
    return attempt


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who signed in: `subject` such as `user:7f3a`, and the groups that the provider names."""

    subject: str
    groups: frozenset[str]


def subject_of(claims: Mapping[str, Any]) -> str:
    """Return the audit's id of the person. Raises SignInRefused for a `sub` that could be personal."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or SUBJECT.fullmatch(subject) is None:
        raise SignInRefused("sub must be an opaque id: letters, digits and _.:|/+=-, no mail address")
    return f"user:{subject}"


def groups_in(claims: Mapping[str, Any], name: str) -> frozenset[str] | None:
    """Return the groups, None without the claim. Raises SignInRefused for another form than a list of texts."""
    groups = claims.get(name)
    if groups is None:
        return None
    if isinstance(groups, str):
        groups = [groups]
    if not isinstance(groups, list) or len(groups) > MAX_GROUPS or not all(isinstance(each, str) for each in groups):
        raise SignInRefused(f"the claim of groups must be a list of at most {MAX_GROUPS} texts")
    return frozenset(each for each in groups if len(each) <= MAX_GROUP_LENGTH)

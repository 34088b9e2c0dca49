"""ID tokens of a sign-in (OpenID Connect Core 1.0, 3.1.3.7) with joserfc."""

from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from concord_access.adapters.jwks import CachedKeys
from concord_access.adapters.strict_token import check_json
from concord_access.domain.claims import BadClaims, check_times
from concord_access.domain.sign_in import SIGNING_ALGORITHMS, Provider, SignInRefused
from concord_bus.ports import Clock

LEEWAY_SECONDS = 60
MAX_TOKEN_LENGTH = 64 * 1024
"""The maximum length of an ID token, in characters: it may name many groups."""


class OfferedAlgorithms(JWSRegistry):
    """Accepts what the provider offers and SIGNING_ALGORITHMS has, whatever the caller passes."""

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in SIGNING_ALGORITHMS or name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


def verify_id_token(
    token: str, provider: Provider, keys: CachedKeys, client_id: str, nonce: str, clock: Clock
) -> dict[str, Any]:
    """Return the claims of an ID token. Raises SignInRefused, and SigningKeysUnavailable without any keys."""
    try:
        if len(token) > MAX_TOKEN_LENGTH:
            raise BadClaims("the token is too large")
        check_json(token)
        registry = OfferedAlgorithms(algorithms=list(provider.algorithms), strict_check_header=False)
        key = _key_for(token, provider, keys, registry)
        claims = jwt.decode(token, key, algorithms=list(provider.algorithms), registry=registry).claims
        check_times(claims)
        _registry(provider, client_id, nonce, clock).validate(claims)
        _check_party(claims, client_id)
        return claims
    except BadClaims as error:
        raise SignInRefused(str(error)) from None
    # RecursionError: JSON nested too deeply.
    except (JoseError, ValueError, RecursionError) as error:
        raise SignInRefused(f"the ID token: {type(error).__name__} {getattr(error, 'claim', '')}".rstrip()) from None


def _key_for(token: str, provider: Provider, keys: CachedKeys, registry: JWSRegistry) -> Any:
    """Return the provider's key that the header names; without a name, its only one."""
    try:
        header = extract_compact(token.encode(), registry=registry).headers()
    except (AttributeError, TypeError):  # joserfc expects a JSON object, not a string or list
        raise BadClaims("the header must be an object") from None
    if "crit" in header:
        raise BadClaims("crit names an extension, and Concord has none")
    if header.get("alg") not in provider.algorithms:
        raise BadClaims(f"alg must be one of {', '.join(provider.algorithms)}")
    kid = header.get("kid")
    if kid is None:
        key = keys.only()
        if key is None:
            raise BadClaims("the token names no key (kid), and the provider has several: let it write kid")
        return key
    key = keys.find(kid) if isinstance(kid, str) else None
    if key is None:
        raise BadClaims("kid names no key of the provider")
    return key


def _registry(provider: Provider, client_id: str, nonce: str, clock: Clock) -> JWTClaimsRegistry:
    return JWTClaimsRegistry(
        now=int(clock().timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _check_party(claims: dict[str, Any], client_id: str) -> None:
    """A token for several clients must say that we asked for it."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise BadClaims("azp must be our client")

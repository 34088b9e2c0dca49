"""JWT bearer tokens (RFC 7519, 8725) with joserfc: this module fixes algorithms, issuer, audience and times."""

import logging
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from concord_access.adapters.strict_token import check_json
from concord_access.domain.claims import BadClaims, ExpectedClaims, check_times, principal_from
from concord_access.domain.errors import NotAuthenticated
from concord_access.domain.principal import Principal
from concord_access.ports import SigningKeys
from concord_bus.ports import Clock

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Public-key signatures only: with `none` or HS256 anybody could sign. Ed25519 is the name of EdDSA in RFC 9864."""
LEEWAY_SECONDS = 60
MAX_TOKEN_LENGTH = 8 * 1024
"""The maximum length of a token, in characters."""
_TYPES = ("jwt", "at+jwt")

_log = logging.getLogger(__name__)


class FixedAlgorithms(JWSRegistry):
    """Accepts ALGORITHMS only, whatever the caller passes. Omits the warning that RFC 9864 prefers the name Ed25519:
    many issuers still write EdDSA."""

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


class JwtVerifier:
    """Verifies tokens. The sender gets one error text for every reason; the log has the kind, never a value."""

    def __init__(self, expected: ExpectedClaims, keys: SigningKeys, clock: Clock) -> None:
        self._expected = expected
        self._keys = keys
        self._clock = clock
        # Ignore an unknown header: `_key_for` refuses `crit`, which could make one matter (RFC 7515).
        self._registry = FixedAlgorithms(algorithms=ALGORITHMS, strict_check_header=False)

    def authenticate(self, credential: str) -> Principal:
        """Return the owner of a token. Raises NotAuthenticated, and SigningKeysUnavailable without any keys."""
        try:
            if len(credential) > MAX_TOKEN_LENGTH:
                raise BadClaims("the token is too large")
            check_json(credential)
            key = self._key_for(credential)
            claims = jwt.decode(credential, key, algorithms=ALGORITHMS, registry=self._registry).claims
            check_times(claims)
            self._claims_registry().validate(claims)
            return principal_from(claims)
        except BadClaims as error:
            _log.info("rejected a token: %s", error)
        # RecursionError: JSON nested too deeply.
        except (JoseError, ValueError, RecursionError) as error:
            _log.info("rejected a token: %s", type(error).__name__)
        raise NotAuthenticated(sent=True)

    def _key_for(self, credential: str) -> Any:
        """Return the issuer's key that the header names, never a key inside the token."""
        header = self._header(credential)
        if "crit" in header:
            raise BadClaims("crit names an extension, and Concord has none")
        kind = header.get("typ", _TYPES[0])
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise BadClaims("typ must be JWT or at+jwt")
        if header.get("alg") not in ALGORITHMS:
            raise BadClaims(f"alg must be one of {', '.join(ALGORITHMS)}")
        kid = header.get("kid")
        if not isinstance(kid, str) or not kid:
            raise BadClaims("kid must name the key")
        key = self._keys.find(kid)
        if key is None:
            raise BadClaims("kid names no key of the issuer")
        return key

    def _header(self, credential: str) -> dict[str, Any]:
        try:
            header = extract_compact(credential.encode(), registry=self._registry).headers()
        except (AttributeError, TypeError):  # joserfc expects a JSON object, not a string or list
            header = None
        if not isinstance(header, dict):
            raise BadClaims("the header must be an object")
        return header

    def _claims_registry(self) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._expected.issuer},
            aud={"essential": True, "value": self._expected.audience},
            exp={"essential": True},
            sub={"essential": True},
        )

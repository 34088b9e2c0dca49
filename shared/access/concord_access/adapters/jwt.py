"""JWT bearer tokens (RFC 7519, 8725) by joserfc: algorithms, issuer, audience and times are ours to say."""

import logging
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry

from concord_access.domain.claims import BadClaims, ExpectedClaims, principal_from
from concord_access.domain.errors import NotAuthenticated
from concord_access.domain.principal import Principal
from concord_access.ports import SigningKeys
from concord_bus.ports import Clock

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
"""Public-key signatures only: with `none` or HS256 anybody could sign. Ed25519 is RFC 9864's name for EdDSA."""
LEEWAY_SECONDS = 60
MAX_TOKEN_LENGTH = 8 * 1024
"""Characters of a token."""
_TYPES = ("jwt", "at+jwt")

_log = logging.getLogger(__name__)


class FixedAlgorithms(JWSRegistry):
    """Ours and no other, whatever a caller passes. Without the warning that RFC 9864 prefers the name Ed25519: the
    issuers that cities have still write EdDSA."""

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        return self.algorithms[name]


class JwtVerifier:
    """Recognises tokens. Every refusal sounds the same to the sender; the log has its kind, never a value."""

    def __init__(self, expected: ExpectedClaims, keys: SigningKeys, clock: Clock) -> None:
        self._expected = expected
        self._keys = keys
        self._clock = clock
        # A header that we do not know is passed over unless `crit` names it, as RFC 7515 says.
        self._registry = FixedAlgorithms(algorithms=ALGORITHMS, strict_check_header=False)

    def authenticate(self, credential: str) -> Principal:
        """Whose token this is. Raises NotAuthenticated; KeysAway when no key could ever be read."""
        try:
            if len(credential) > MAX_TOKEN_LENGTH:
                raise BadClaims("the token is too large")
            key = self._key_for(credential)
            claims = jwt.decode(credential, key, algorithms=ALGORITHMS, registry=self._registry).claims
            self._claims_registry().validate(claims)
            return principal_from(claims)
        except BadClaims as error:
            _log.info("a token was refused: %s", error)
        # RecursionError: JSON nested too deeply.
        except (JoseError, ValueError, RecursionError) as error:
            _log.info("a token was refused: %s", type(error).__name__)
        raise NotAuthenticated(sent=True)

    def _key_for(self, credential: str) -> Any:
        """The issuer's key that the header names; never one that comes with the token."""
        header = self._header(credential)
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
        except (AttributeError, TypeError):  # joserfc looks for members in a header that is a JSON text or list
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

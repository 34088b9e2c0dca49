"""Authenticates a request: one header, three kinds of credential."""

import hmac
from collections.abc import Mapping
from typing import Protocol

from concord_access.domain.errors import NotAuthenticated
from concord_access.domain.permissions import default_actions
from concord_access.domain.principal import WHOLE_CITY, Principal, Role
from concord_access.login_limit import LoginLimit

OPERATOR = Principal("operator", Role.ADMINISTRATOR, WHOLE_CITY, WHOLE_CITY, default_actions(Role.ADMINISTRATOR))
"""The principal of the installation's operators' token. It shows no personal data: nobody knows who sends it."""
_KEY = "ck_"


class CredentialVerifier(Protocol):
    """Verifies one kind of credential."""

    def authenticate(self, credential: str, /) -> Principal:
        """Return the owner of a credential. Raises NotAuthenticated."""
        ...


class Authenticator:
    """Accepts `Authorization: Bearer` with the operators' token, an API key or a JWT, if the service has them set
    up."""

    def __init__(
        self,
        operator_token: str | None,
        keys: CredentialVerifier | None = None,
        tokens: CredentialVerifier | None = None,
        limit: LoginLimit | None = None,
    ) -> None:
        self._operator_token = operator_token.encode() if operator_token else None
        self._keys = keys
        self._tokens = tokens
        self._limit = limit

    def authenticate(self, headers: Mapping[str, str], client: str = "") -> Principal:
        """Return the sender of a request, from headers with names in lower case.

        Raises NotAuthenticated, SigningKeysUnavailable when no key can verify a token, and Problem 429 after too many
        wrong credentials of the `client`. Call it outside a transaction, because the use of a key may need its own.
        """
        if self._limit is None or "authorization" not in headers:
            return self._verified(headers)
        self._limit.check(client, headers["authorization"])
        try:
            principal = self._verified(headers)
        except NotAuthenticated:
            self._limit.failed(client)
            raise
        self._limit.passed(headers["authorization"])
        return principal

    def _verified(self, headers: Mapping[str, str]) -> Principal:
        credential = _credential(headers)
        if self._is_operators(credential):
            return OPERATOR
        verifier = self._keys if credential.startswith(_KEY) else self._tokens
        if verifier is None:
            raise NotAuthenticated(sent=True)
        return verifier.authenticate(credential)

    def _is_operators(self, credential: str) -> bool:
        expected = self._operator_token
        return expected is not None and hmac.compare_digest(credential.encode(), expected)


def _credential(headers: Mapping[str, str]) -> str:
    header = headers.get("authorization", "")
    scheme, _, credential = header.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise NotAuthenticated(sent=bool(header))
    return credential

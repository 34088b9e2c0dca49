"""The mixin that authenticates requests to a service."""

from concord_access.authenticator import Authenticator
from concord_access.domain.errors import NotAuthenticated
from concord_access.domain.permissions import allowed, require
from concord_access.domain.principal import Action, Principal
from concord_bus.extensions.from_config import FromConfig
from concord_web import Request


class AccessRoutes:
    """Mix in before HealthRoutes: the ledger and similar routes then require `ops:read`.

    The service's table of problems needs ACCESS_PROBLEMS. Authenticate outside a transaction, because the use of a key
    may need its own.
    """

    access: Authenticator = FromConfig("access")

    def authenticate(self, request: Request) -> Principal:
        """Return the sender. Raises NotAuthenticated, SigningKeysUnavailable, Problem 429 after too many wrong ones."""
        return self.access.authenticate(request.headers, request.client)

    def authenticate_optional(self, request: Request, action: Action) -> Principal | None:
        """Return the sender of a request to a public route if they may do `action` in the whole city, else None.

        Returns None without a credential or without the permission. Raises NotAuthenticated for an invalid credential,
        and SigningKeysUnavailable.
        """
        if "authorization" not in request.headers:
            return None
        principal = self.authenticate(request)
        return principal if allowed(principal, action) else None

    def has_login(self, request: Request) -> bool:
        """Return whether a request to a public route has a valid credential. Raises SigningKeysUnavailable."""
        try:
            return "authorization" in request.headers and self.authenticate(request) is not None
        except NotAuthenticated:
            return False

    def guard(self, request: Request) -> None:
        """Let operators pass. Raises NotAuthenticated, SigningKeysUnavailable, NotAllowed."""
        require(self.authenticate(request), Action.OPS_READ)

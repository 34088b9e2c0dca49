"""What a service class mixes in to know who sent a request."""

from typing import Any

from concord_access.authenticator import Authenticator
from concord_access.domain.permissions import allowed, require
from concord_access.domain.principal import Action, Principal
from concord_bus.extensions import FromConfig
from concord_web import Request


class AccessRoutes:
    """Mix in before HealthRoutes: the ledger and what else a keeper sees then need `ops:read`.

    The service's table of problems needs ACCESS_PROBLEMS. Ask outside a transaction: the use of a key may be written
    in one of its own.
    """

    access: Any = FromConfig("access")

    def authenticate(self, request: Request) -> Principal:
        """The sender. Raises NotAuthenticated, KeysAway."""
        authenticator: Authenticator = self.access
        return authenticator.authenticate(request.headers)

    def authenticate_optional(self, request: Request, action: Action) -> Principal | None:
        """For doors that are open to everybody and to some for more: the sender, if they may do `action` city-wide.

        None for who may not and for who sends no credential. Raises NotAuthenticated for one that is not valid,
        rather than take its holder for anybody; KeysAway.
        """
        if "authorization" not in request.headers:
            return None
        who = self.authenticate(request)
        return who if allowed(who, action) else None

    def guard(self, request: Request) -> None:
        """Lets keepers of the service through. Raises NotAuthenticated, KeysAway, NotAllowed."""
        require(self.authenticate(request), Action.OPS_READ)

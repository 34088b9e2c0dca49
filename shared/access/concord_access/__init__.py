"""concord_access: roles, API keys and bearer tokens, and an audit of every action (`concord_access.audit`)."""

from concord_access.domain.errors import InvalidGrant, Missing, NotAllowed, NotAuthenticated, SigningKeysUnavailable
from concord_access.domain.permissions import (
    EVERYWHERE,
    Scope,
    allowed,
    names_team,
    require,
    require_scope,
    scope_of,
)
from concord_access.domain.principal import EVERY, Action, Principal, Role

"""The limit on wrong credentials of one client."""

import hmac
import secrets
from collections import OrderedDict

from concord_access.limit_settings import LOGINS
from concord_web.limiter import Limiter
from concord_web.problem import Problem

KNOWN = 1000


class LoginLimit:
    """Refuses a client's credentials unseen after too many wrong ones.

    A credential that passed before is still verified, so that a wrong one in an office does not shut out the others
    behind the same address. It remembers the latest KNOWN of them, as keyed hashes in memory.
    """

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def check(self, client: str, header: str) -> None:
        """Raise Problem 429 for a client at its limit, unless this Authorization header passed before."""
        try:
            self._limiter.check(LOGINS, client)
        except Problem:
            if self._digest(header) not in self._known:
                raise

    def failed(self, client: str) -> None:
        """Count a wrong credential."""
        self._limiter.count(LOGINS, client)

    def passed(self, header: str) -> None:
        """Remember a credential that passed."""
        digest = self._digest(header)
        if digest not in self._known and len(self._known) >= KNOWN:
            self._known.popitem(last=False)
        self._known[digest] = None

    def _digest(self, header: str) -> bytes:
        return hmac.digest(self._key, header.encode(), "sha256")

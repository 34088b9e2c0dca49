"""Officers sign in at the desk, stay signed in from page to page, and sign out."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from concord_access import NotAuthenticated, Principal
from concord_access.domain.api_key import prefix_of
from concord_access.domain.audit_entry import Entry
from concord_access.domain.sign_in import SignedIn
from concord_bus.ports import Clock, Transactions, Work, utc_now
from concord_routing.application.live_rules import LiveRules
from concord_routing.domain.desk_session import DeskSession, new_session, principal_of, session_digest
from concord_routing.ports import Store

SWEPT = 1000
"""Ended sessions to delete in one transaction."""


class NoDeskGroup(Exception):
    """The provider knows the person, but desk.toml names none of their groups. Remedy: an administrator adds one."""


@dataclass(frozen=True, slots=True)
class Officer:
    """The reader of a page: a session, and the rights of its holder now."""

    session: DeskSession
    principal: Principal


class DeskAccess:
    """Keeps sessions in the database, so that any process of the service knows them."""

    def __init__(self, rules: LiveRules, transactions: Transactions, clock: Clock = utc_now) -> None:
        self._rules = rules
        self._transactions = transactions
        self._clock = clock

    def sign_in(self, signed_in: SignedIn) -> str:
        """Return the token of a new session of a person whom the provider knows. Raises NoDeskGroup."""
        if principal_of(signed_in.subject, signed_in.groups, self._rules().city.desk) is None:
            raise NoDeskGroup
        known = {group.claim for group in self._rules().city.desk}
        # Only the groups that desk.toml names: the others of a person are none of our business.
        token, session = new_session(signed_in.subject, self._clock(), signed_in.groups & known)
        return self._start(token, session, "provider")

    def sign_in_by_key(self, secret: str, verify: Callable[[str], Principal]) -> str:
        """Return the token of a new session of an API key's owner. Raises NotAuthenticated, and what `verify` raises.

        `verify` returns the owner of a valid key. A text in another form never reaches it.
        """
        prefix = prefix_of(secret)
        if prefix is None:
            raise NotAuthenticated(sent=True)
        token, session = new_session(verify(secret).subject, self._clock(), key_prefix=prefix)
        return self._start(token, session, "key")

    def _start(self, token: str, session: DeskSession, by: str) -> str:
        with self._transactions.work() as work:
            work.store.sessions.add(session)
            _note(work, session, "desk.signed_in", by=by)
        return token

    def resume(self, token: str | None) -> Officer | None:
        """Return the holder of a session and slide its end; None for an unknown one, or one that has ended."""
        if not token:
            return None
        now = self._clock()
        with self._transactions.read() as store:
            session: DeskSession | None = store.sessions.find(session_digest(token))
            principal = None if session is None or not session.live(now) else self._principal(session, store)
        if session is None or principal is None:
            return None
        if session.needs_seen(now):
            with self._transactions.work() as work:
                work.store.sessions.seen(session.digest, now)
        return Officer(session, principal)

    def _principal(self, session: DeskSession, store: Store) -> Principal | None:
        if session.key_prefix is None:
            return principal_of(session.subject, json.loads(session.groups), self._rules().city.desk)
        key = store.keys.find(session.key_prefix)
        return key.principal if key is not None and key.live(self._clock()) else None

    def sign_out(self, session: DeskSession, *, everywhere: bool = False) -> None:
        """End a session, or all sessions of its holder."""
        with self._transactions.work() as work:
            if everywhere:
                work.store.sessions.end_all(session.subject)
            else:
                work.store.sessions.end(session.digest)
            _note(work, session, "desk.signed_out", everywhere=everywhere)

    def sweep(self) -> int:
        """Delete sessions that have ended, and return their number."""
        with self._transactions.work() as work:
            deleted: int = work.store.sessions.sweep(self._clock(), SWEPT)
        return deleted


def _note(work: Work[Store], session: DeskSession, action: str, **details: str | bool) -> None:
    work.store.audit.append(Entry(work.now, session.subject, action, f"session:{session.digest[:12]}", details))

"""The use cases of reporters after the report: read, answer, judge the result, withdraw, and add or stop mails.

Each action has a key. The same action with the same key again has no second effect and the same result.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from concord_bus.ports import Clock, Work, utc_now
from concord_contracts.status_links import StatusLink
from concord_intake.application.concern_status import ConcernStatus, status_for_holder
from concord_intake.application.errors import ConcernNotOpen, IdempotencyKeyReused, NoMailsToStop, NothingToJudge
from concord_intake.application.feedback import record_feedback
from concord_intake.application.reporter_access import Access, ReporterAccess
from concord_intake.application.withdraw_concern import withdraw_once
from concord_intake.domain.concern import Contact
from concord_intake.domain.events import answer_event, contact_events
from concord_intake.domain.feedback import Extent, feedback_of
from concord_intake.domain.receipt import Receipts
from concord_intake.domain.reporter import (
    Action,
    Choices,
    Looks,
    ReporterAction,
    choices,
    gets_mail,
    latest_resolution,
)
from concord_intake.ports import Store, StoredFeedback, Transactions

KEY_BYTES = 16
ONCE_BY_NATURE: frozenset[Action] = frozenset(("feedback", "withdrawn"))
"""Actions that need no key to take effect once."""


@dataclass(frozen=True, slots=True)
class FollowedConcern:
    """A concern as its reporter sees it, and what the reporter may do now.

    `link` is None for a holder of the receipt. `feedback` is the reporter's answer for the latest resolution, if any.
    `looks` has an entry for each kind of look that happened: `concern` or `contact`.
    """

    status: ConcernStatus
    choices: Choices
    has_contact: bool
    looks: Mapping[str, Looks]
    feedback: StoredFeedback | None = None
    link: StatusLink | None = None

    @property
    def may_answer(self) -> bool:
        return self.choices.may_answer

    @property
    def is_asked(self) -> bool:
        """The team has asked and waits for an answer."""
        return self.choices.is_asked

    @property
    def may_give_feedback(self) -> bool:
        return self.choices.may_give_feedback and self.feedback is None

    @property
    def may_withdraw(self) -> bool:
        return self.choices.may_withdraw


Act = Callable[[FollowedConcern, Work[Store]], None]


class FollowUp:
    """Opens concerns for their reporters and takes what they send.

    Every method raises ConcernNotFound, LinkedConcernNotFound, ForgedLink, EndedStatusLink and ResourceUnavailable.
    Those with a `key` raise IdempotencyKeyReused for a key of another action of this concern. None is no key: a
    repeated answer is then a second one.
    """

    def __init__(
        self, access: ReporterAccess, receipts: Receipts, transactions: Transactions, clock: Clock = utc_now
    ) -> None:
        self._access = access
        self._receipts = receipts
        self._transactions = transactions
        self._clock = clock

    def open(self, access: Access) -> FollowedConcern:
        """Return the concern. It has no effect."""
        with self._transactions.read() as store:
            return self._view(access, store)

    def answer(self, access: Access, words: str, key: str | None = None) -> FollowedConcern:
        """Send an answer or an addition to the team. `words` has at most ANSWER_LIMIT characters.

        Raises ConcernNotOpen.
        """

        def act(concern: FollowedConcern, work: Work[Store]) -> None:
            if not concern.may_answer:
                raise ConcernNotOpen
            sequence = work.store.count_events(concern.status.concern.id, 1)
            work.publish(answer_event(concern.status.concern.id, words, sequence, work.now))

        return self._once("answered", access, key, {"words": words}, act)

    def give_feedback(
        self,
        access: Access,
        extent: Extent,
        reason: str | None = None,
        ratings: Mapping[str, int | None] | None = None,
        key: str | None = None,
    ) -> FollowedConcern:
        """Judge the latest resolution, once. `partly` and `not_fixed` need a reason and open the concern again.

        Raises NothingToJudge, and AlreadyAnswered for another answer than before.
        """
        feedback = feedback_of(extent, reason, **(ratings or {}))

        def act(concern: FollowedConcern, work: Work[Store]) -> None:
            resolution = concern.feedback.resolution if concern.feedback else concern.choices.resolution
            if resolution is None:
                raise NothingToJudge
            record_feedback(concern.status.concern, resolution, feedback, self._receipts, work)

        return self._once("feedback", access, key, asdict(feedback), act)

    def withdraw(self, access: Access, key: str | None = None) -> FollowedConcern:
        """Take the concern back. Raises ConcernFinished."""
        return self._once("withdrawn", access, key, {}, lambda concern, work: withdraw_once(concern.status, work))

    def set_contact(self, access: Access, contact: Contact, key: str | None = None) -> FollowedConcern:
        """Add a contact or replace it, for mails and for the team. Nobody can read it here again.

        An empty language stands for that of the concern.
        """

        def act(concern: FollowedConcern, work: Work[Store]) -> None:
            concern_id, language = concern.status.concern.id, contact.language or concern.status.concern.language
            work.store.set_contact_given(concern_id)
            sequence = work.store.count_events(concern_id, 1)
            work.publish(*contact_events(replace(contact, language=language), concern_id, sequence, work.now))

        return self._once("contact_set", access, key, asdict(contact), act)

    def stop_mails(self, access: Access, key: str | None = None) -> FollowedConcern:
        """Let notification forget the contact, so that no more mails go out. The team still has it.

        Raises NoMailsToStop.
        """

        def act(concern: FollowedConcern, work: Work[Store]) -> None:
            if not concern.has_contact:
                raise NoMailsToStop
            concern_id = concern.status.concern.id
            no_contact = Contact(None, None, None, concern.status.concern.language)
            sequence = work.store.count_events(concern_id, 1)
            given, _ = contact_events(no_contact, concern_id, sequence, work.now)
            work.publish(given)

        return self._once("mails_stopped", access, key, {}, act)

    def _once(
        self, action: Action, access: Access, key: str | None, content: Mapping[str, Any], act: Act
    ) -> FollowedConcern:
        """Act in one transaction, unless this action has taken effect before, and return the concern after it."""
        request = json.dumps([action, content], sort_keys=True).encode()
        with self._transactions.work() as work:
            concern = self._view(access, work.store)
            if self._is_new(action, concern.status.concern.id, key, request, work):
                act(concern, work)
            return self._view(access, work.store)

    def _is_new(self, action: Action, concern_id: str, key: str | None, request: bytes, work: Work[Store]) -> bool:
        """Store the action and return True; False for a repeated one. Raises IdempotencyKeyReused."""
        if key is None and action in ONCE_BY_NATURE:
            return True
        fingerprint = self._receipts.fingerprint(request)
        new = ReporterAction(concern_id, key or secrets.token_hex(KEY_BYTES), action, fingerprint, work.now)
        if work.store.add_action(new):
            return True
        stored = next(each for each in work.store.actions(concern_id) if each.key == new.key)
        if not self._receipts.same_request(request, stored.fingerprint):
            raise IdempotencyKeyReused
        return False

    def _view(self, access: Access, store: Store) -> FollowedConcern:
        concern = self._access.concern(access, store)
        status = status_for_holder(concern, store)
        resolved = latest_resolution(status.steps)
        return FollowedConcern(
            status,
            choices(status.steps, self._clock()),
            gets_mail(concern.contact_given, store.actions(concern.id)),
            {look.part: look for look in store.looks(concern.id)},
            store.answer(concern.id, resolved.sequence) if resolved else None,
            self._access.link(access),
        )

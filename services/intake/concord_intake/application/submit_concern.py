"""Command: submit concerns, each once however often its request arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_bus.ports import Work
from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.domain.concern import Concern, Submission, create_concern, new_concern_id
from concord_intake.domain.events import concern_events
from concord_intake.domain.receipt import Receipts, receipt_hash
from concord_intake.ports import KeyClaim, Line, Store

KEY_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The value of an `Idempotency-Key` header, and the request's body in a canonical form."""

    value: str
    request: bytes


@dataclass(frozen=True, slots=True)
class SubmitConcern:
    """A command to create a concern; with a `key` or a `line`, at most once."""

    submission: Submission
    key: IdempotencyKey | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The concern exists. `repeated` means that an earlier command created it.

    `receipt` is None for a repeated line, and for a repeated request whose receipt key has been removed.
    """

    concern_id: str
    receipt: str | None
    received_at: datetime
    repeated: bool


Outcome = Accepted | IdempotencyKeyReused
"""An IdempotencyKeyReused means that the command has no effect."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A command with the concern that it creates, unless an earlier command created one."""

    command: SubmitConcern
    concern: Concern
    receipt: str


class SubmitConcernHandler:
    """Handles a group of SubmitConcern commands in one transaction."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    def __call__(self, commands: Sequence[SubmitConcern], work: Work[Store]) -> Sequence[Outcome]:
        """Return one outcome for each command, in order."""
        candidates = [self._candidate(command, work.now) for command in commands]
        keys = _claim_keys(candidates, work, self._receipts)
        lines = _claim_lines(candidates, work.store)
        pairs = [(candidate, _claimed_concern_id(candidate, keys, lines)) for candidate in candidates]
        new = [candidate for candidate, concern_id in pairs if concern_id == candidate.concern.id]
        work.store.add([candidate.concern for candidate in new])
        for candidate in new:
            work.publish(*concern_events(candidate.command.submission, candidate.concern, work.now))
        if len(new) == len(candidates):
            return [_accepted(candidate) for candidate in candidates]
        earlier = work.store.concerns(
            {concern_id for candidate, concern_id in pairs if concern_id != candidate.concern.id}
        )
        return [
            _accepted(candidate)
            if concern_id == candidate.concern.id
            else self._repeated(candidate.command, earlier[concern_id], keys)
            for candidate, concern_id in pairs
        ]

    def _candidate(self, command: SubmitConcern, now: datetime) -> Candidate:
        concern_id = new_concern_id(now)
        receipt = self._receipts.issue(concern_id)
        concern = create_concern(command.submission, concern_id, receipt_hash(concern_id, receipt), now)
        return Candidate(command, concern, receipt)

    def _repeated(self, command: SubmitConcern, earlier: Concern, keys: Mapping[str, KeyClaim]) -> Outcome:
        if command.key is None:
            return Accepted(earlier.id, None, earlier.received_at, repeated=True)
        if not self._receipts.same_request(command.key.request, keys[command.key.value].fingerprint):
            return IdempotencyKeyReused()
        receipt = self._receipts.reissue(earlier.id, earlier.receipt_hash)
        return Accepted(earlier.id, receipt, earlier.received_at, repeated=True)


def _claim_keys(candidates: Sequence[Candidate], work: Work[Store], receipts: Receipts) -> Mapping[str, KeyClaim]:
    claims = [
        KeyClaim(key.value, receipts.fingerprint(key.request), candidate.concern.id, work.now)
        for candidate in candidates
        if (key := candidate.command.key)
    ]
    return work.store.claim_keys(claims, work.now - KEY_LIFETIME) if claims else {}


def _claim_lines(candidates: Sequence[Candidate], store: Store) -> Mapping[Line, str]:
    claims = [(line, candidate.concern.id) for candidate in candidates if (line := candidate.command.line)]
    return store.claim_lines(claims) if claims else {}


def _claimed_concern_id(candidate: Candidate, keys: Mapping[str, KeyClaim], lines: Mapping[Line, str]) -> str:
    """Return the id of the concern for this command: the candidate's own, unless an earlier command has the claim."""
    command = candidate.command
    if command.key:
        return keys[command.key.value].concern_id
    return lines[command.line] if command.line else candidate.concern.id


def _accepted(candidate: Candidate) -> Accepted:
    concern = candidate.concern
    return Accepted(concern.id, candidate.receipt, concern.received_at, repeated=False)

"""Command: submit concerns, each once however often its request arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_bus.ports import Work
from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.application.repeated_lines import IncomingLine, RepeatedLine, take_again
from concord_intake.domain.concern import Concern, Submission, create_concern, new_concern_id
from concord_intake.domain.events import concern_events
from concord_intake.domain.import_comparison import content_of
from concord_intake.domain.import_source import ImportedLine, Line, line_key
from concord_intake.domain.receipt import Receipts, receipt_hash
from concord_intake.ports import KeyClaim, Store

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

    `receipt` is None for a repeated request whose receipt key has been removed.
    """

    concern_id: str
    receipt: str | None
    received_at: datetime
    repeated: bool


Outcome = Accepted | RepeatedLine | IdempotencyKeyReused
"""An IdempotencyKeyReused means that the command has no effect; only a line can be RepeatedLine."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A command with the concern that it creates, unless an earlier command created one.

    `line` is what the store keeps of a line.
    """

    command: SubmitConcern
    concern: Concern
    receipt: str
    line: ImportedLine | None = None


class SubmitConcernHandler:
    """Handles a group of SubmitConcern commands in one transaction."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    def __call__(self, commands: Sequence[SubmitConcern], work: Work[Store]) -> Sequence[Outcome]:
        """Return one outcome for each command, in order."""
        candidates = [self._candidate(command, work.now) for command in commands]
        keys = _claim_keys(candidates, work, self._receipts)
        lines = _claim_lines(candidates, work.store)
        new, repeated = _split(candidates, keys, lines)
        work.store.add([candidate.concern for candidate in new])
        for candidate in new:
            work.publish(*concern_events(candidate.command.submission, candidate.concern, work.now))
        if not repeated:
            return [_accepted(candidate) for candidate in candidates]
        outcomes = {
            **{candidate.concern.id: _accepted(candidate) for candidate in new},
            **_repeated_lines(repeated, lines, work),
            **self._repeated_requests(repeated, keys, work.store),
        }
        return [outcomes[candidate.concern.id] for candidate in candidates]

    def _candidate(self, command: SubmitConcern, now: datetime) -> Candidate:
        concern_id = new_concern_id(now)
        receipt = self._receipts.issue(concern_id)
        submission = command.submission
        index = self._receipts.index(receipt)
        concern = create_concern(submission, concern_id, receipt_hash(concern_id, receipt), now, index)
        line = command.line and imported_line(command.line, submission, concern_id, self._receipts)
        return Candidate(command, concern, receipt, line)

    def _repeated_requests(
        self, candidates: Sequence[Candidate], keys: Mapping[str, KeyClaim], store: Store
    ) -> dict[str, Outcome]:
        requests = [(candidate.concern.id, candidate.command.key) for candidate in candidates if candidate.command.key]
        earlier = store.concerns({keys[key.value].concern_id for _, key in requests})
        return {own_id: self._repeated(key, keys[key.value], earlier) for own_id, key in requests}

    def _repeated(self, key: IdempotencyKey, claim: KeyClaim, earlier: Mapping[str, Concern]) -> Outcome:
        if not self._receipts.same_request(key.request, claim.fingerprint):
            return IdempotencyKeyReused()
        concern = earlier[claim.concern_id]
        receipt = self._receipts.reissue(concern.id, concern.receipt_hash)
        return Accepted(concern.id, receipt, concern.received_at, repeated=True)


def imported_line(line: Line, submission: Submission, concern_id: str, receipts: Receipts) -> ImportedLine:
    """Return what a store keeps of a line that creates this concern."""
    fingerprint = receipts.line_fingerprint(content_of(submission))
    history = submission.history
    times = (history.reported_at, history.promised_by, history.closed_at) if history else ()
    return ImportedLine(*line_key(line, fingerprint), concern_id, fingerprint, *times)


def _claim_keys(candidates: Sequence[Candidate], work: Work[Store], receipts: Receipts) -> Mapping[str, KeyClaim]:
    claims = [
        KeyClaim(key.value, receipts.fingerprint(key.request), candidate.concern.id, work.now)
        for candidate in candidates
        if (key := candidate.command.key)
    ]
    return work.store.claim_keys(claims, work.now - KEY_LIFETIME) if claims else {}


def _claim_lines(candidates: Sequence[Candidate], store: Store) -> Mapping[Line, ImportedLine]:
    claims = [candidate.line for candidate in candidates if candidate.line]
    return store.claim_lines(claims) if claims else {}


def _split(
    candidates: Sequence[Candidate], keys: Mapping[str, KeyClaim], lines: Mapping[Line, ImportedLine]
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the candidates that create their concerns, and those whose concern an earlier command created."""
    new: list[Candidate] = []
    repeated: list[Candidate] = []
    for candidate in candidates:
        claimed = _claimed_concern_id(candidate, keys, lines)
        (new if claimed == candidate.concern.id else repeated).append(candidate)
    return new, repeated


def _claimed_concern_id(candidate: Candidate, keys: Mapping[str, KeyClaim], lines: Mapping[Line, ImportedLine]) -> str:
    """Return the id of the concern for this command: the candidate's own, unless an earlier command has the claim."""
    key, line = candidate.command.key, candidate.line
    if key:
        return keys[key.value].concern_id
    return lines[line.line].concern_id if line else candidate.concern.id


def _repeated_lines(
    candidates: Sequence[Candidate], stored: Mapping[Line, ImportedLine], work: Work[Store]
) -> dict[str, Outcome]:
    lines = [(candidate.concern.id, line, candidate.command) for candidate in candidates if (line := candidate.line)]
    incoming = [IncomingLine(line, command.submission) for _, line, command in lines]
    outcomes = take_again(incoming, stored, work) if incoming else []
    return {own_id: outcome for (own_id, _, _), outcome in zip(lines, outcomes, strict=True)}


def _accepted(candidate: Candidate) -> Accepted:
    concern = candidate.concern
    return Accepted(concern.id, candidate.receipt, concern.received_at, repeated=False)

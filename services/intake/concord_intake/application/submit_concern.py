"""Take concerns in: each once, however often its request is repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_bus.ports import Work
from concord_intake.domain.concern import Concern, Said, accept, new_concern_id
from concord_intake.domain.events import announce
from concord_intake.domain.receipt import Receipts, receipt_hash
from concord_intake.ports import KeyClaim, Line, Store

KEY_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Key:
    """An `Idempotency-Key` and the request it came with, in one fixed spelling."""

    value: str
    request: bytes


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Take in what was said; with `key` or `line`, once only."""

    said: Said
    key: Key | None = None
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The concern is ours. `receipt` is None for a repeated line, and when its key is no longer known.

    `repeated` says that this very request was taken in before, and nothing happened now.
    """

    concern_id: str
    receipt: str | None
    received_at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The key was used for another request within its lifetime; nothing was taken in."""

    key: str


Outcome = TakenIn | KeyReused


@dataclass(frozen=True, slots=True)
class Candidate:
    """A command with the concern it becomes if nobody was earlier."""

    command: TakeIn
    concern: Concern
    receipt: str


class TakeInHandler:
    """Handles groups of TakeIn commands."""

    def __init__(self, receipts: Receipts) -> None:
        self._receipts = receipts

    def __call__(self, commands: Sequence[TakeIn], work: Work[Store]) -> Sequence[Outcome]:
        """One outcome for each command, in order."""
        candidates = [self._candidate(command, work.now) for command in commands]
        keys = _claim_keys(candidates, work, self._receipts)
        lines = _claim_lines(candidates, work.store)
        new = [each for each in candidates if _holder(each, keys, lines) == each.concern.id]
        work.store.add([each.concern for each in new])
        for each in new:
            work.publish(*announce(each.command.said, each.concern, work.now))
        if len(new) == len(candidates):
            return [_new(each) for each in candidates]
        return self._outcomes(candidates, keys, lines, work.store)

    def _candidate(self, command: TakeIn, now: datetime) -> Candidate:
        concern_id = new_concern_id(now)
        receipt = self._receipts.issue(concern_id)
        return Candidate(command, accept(command.said, concern_id, receipt_hash(concern_id, receipt), now), receipt)

    def _outcomes(
        self,
        candidates: Sequence[Candidate],
        keys: Mapping[str, KeyClaim],
        lines: Mapping[Line, str],
        store: Store,
    ) -> list[Outcome]:
        holders = [_holder(each, keys, lines) for each in candidates]
        known = store.concerns(
            {holder for holder, each in zip(holders, candidates, strict=True) if holder != each.concern.id}
        )
        outcomes: list[Outcome] = []
        for each, holder in zip(candidates, holders, strict=True):
            if holder == each.concern.id:
                outcomes.append(_new(each))
            else:
                outcomes.append(self._repeated(each.command, known[holder], keys))
        return outcomes

    def _repeated(self, command: TakeIn, earlier: Concern, keys: Mapping[str, KeyClaim]) -> Outcome:
        if command.key is None:
            return TakenIn(earlier.id, None, earlier.received_at, repeated=True)
        if not self._receipts.same_request(command.key.request, keys[command.key.value].fingerprint):
            return KeyReused(command.key.value)
        receipt = self._receipts.again(earlier.id, earlier.receipt_hash)
        return TakenIn(earlier.id, receipt, earlier.received_at, repeated=True)


def _claim_keys(candidates: Sequence[Candidate], work: Work[Store], receipts: Receipts) -> Mapping[str, KeyClaim]:
    claims = [
        KeyClaim(key.value, receipts.fingerprint(key.request), each.concern.id, work.now)
        for each in candidates
        if (key := each.command.key)
    ]
    return work.store.claim_keys(claims, work.now - KEY_LIFETIME) if claims else {}


def _claim_lines(candidates: Sequence[Candidate], store: Store) -> Mapping[Line, str]:
    claims = [(line, each.concern.id) for each in candidates if (line := each.command.line)]
    return store.claim_lines(claims) if claims else {}


def _holder(candidate: Candidate, keys: Mapping[str, KeyClaim], lines: Mapping[Line, str]) -> str:
    """Id of the concern that stands for this command: the candidate's own unless somebody was earlier."""
    command = candidate.command
    if command.key:
        return keys[command.key.value].concern_id
    return lines[command.line] if command.line else candidate.concern.id


def _new(candidate: Candidate) -> TakenIn:
    concern = candidate.concern
    return TakenIn(concern.id, candidate.receipt, concern.received_at, repeated=False)

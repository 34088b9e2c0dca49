"""What a person can order to be done with a case. An order that breaks its limits cannot be made."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from concord_contracts.messages.cases import REOPENERS

REASON_LIMIT = 2000
MESSAGE_LIMIT = 2000
WHERE_LIMIT = 500
PARTNER_LIMIT = 200


class BadOrder(ValueError):
    """A field of the order cannot be as it is; `detail` says what to give instead."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person of the team has seen it."""

    command: ClassVar[str] = "acknowledge"


@dataclass(frozen=True, slots=True)
class Update:
    """Give the resident a word; with `waiting_for_resident` the team needs their answer to go on.

    `keeps_promise` says that this is what an officer had promised by hand.
    """

    command: ClassVar[str] = "update"
    message: str
    waiting_for_resident: bool = False
    keeps_promise: bool = False

    def __post_init__(self) -> None:
        _text("message", self.message, MESSAGE_LIMIT)


@dataclass(frozen=True, slots=True)
class Refer:
    """A partner outside the city's teams takes it; the resident reads why and who."""

    command: ClassVar[str] = "refer"
    reason: str
    to: str

    def __post_init__(self) -> None:
        _text("reason", self.reason, REASON_LIMIT)
        _text("to", self.to, PARTNER_LIMIT)


@dataclass(frozen=True, slots=True)
class Resolve:
    """It has been dealt with; the resident reads how."""

    command: ClassVar[str] = "resolve"
    reason: str

    def __post_init__(self) -> None:
        _text("reason", self.reason, REASON_LIMIT)


@dataclass(frozen=True, slots=True)
class Decline:
    """The city will not act; the resident reads why and where to go instead."""

    command: ClassVar[str] = "decline"
    reason: str
    where_to_go: str

    def __post_init__(self) -> None:
        _text("reason", self.reason, REASON_LIMIT)
        _text("where_to_go", self.where_to_go, WHERE_LIMIT)


@dataclass(frozen=True, slots=True)
class Reopen:
    """It is not dealt with after all. `initiator` says whose wish it is."""

    command: ClassVar[str] = "reopen"
    initiator: str = "officer"
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.initiator not in REOPENERS:
            raise BadOrder("initiator", f"Must be one of: {', '.join(REOPENERS)}.")
        if self.reason is not None:
            _text("reason", self.reason, REASON_LIMIT)


@dataclass(frozen=True, slots=True)
class Reassign:
    """Another team has it from now on."""

    command: ClassVar[str] = "reassign"
    team: str


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing more will be done."""

    command: ClassVar[str] = "close"


@dataclass(frozen=True, slots=True)
class GivePromise:
    """An officer promises something by `due_at`; the resident reads what, in `message`."""

    command: ClassVar[str] = "promise"
    message: str
    due_at: datetime

    def __post_init__(self) -> None:
        _text("message", self.message, MESSAGE_LIMIT)


@dataclass(frozen=True, slots=True)
class Renegotiate:
    """Before a promise is due, another time for it; the resident reads why. `promise` is its kind or its id."""

    command: ClassVar[str] = "renegotiate"
    promise: str
    due_at: datetime
    reason: str

    def __post_init__(self) -> None:
        _text("reason", self.reason, REASON_LIMIT)


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The resident takes the concern back; no officer can order it."""

    command: ClassVar[str] = "withdraw"


Order = (
    Acknowledge | Update | Refer | Resolve | Decline | Reopen | Reassign | Close | GivePromise | Renegotiate | Withdraw
)

COMMANDS: tuple[str, ...] = (
    "acknowledge",
    "update",
    "promise",
    "renegotiate",
    "refer",
    "resolve",
    "decline",
    "reopen",
    "reassign",
    "close",
)
"""Those of officers."""


def _text(field: str, value: str, limit: int) -> None:
    if not value.strip():
        raise BadOrder(field, "Must not be empty.")
    if len(value) > limit:
        raise BadOrder(field, f"At most {limit} characters; please shorten it.")

"""Why somebody is not let through. `web` turns these into 401 and 403."""

from enum import StrEnum


class NotAuthenticated(Exception):
    """Nobody proved who they are: 401.

    The text is the same whether a credential is unknown, expired, revoked or malformed, so that it teaches nothing
    about which exist. Remedy: send a valid one. `sent` tells whether there was any.
    """

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(
            "This credential is not valid, or not any more. Send another API key or token."
            if sent
            else "Send Authorization: Bearer with an API key or a token."
        )


class SigningKeysUnavailable(Exception):
    """The keys that tokens are signed with could never be read, so no token can be judged: 503.

    Remedy: look at the file or address in CONCORD_JWT_KEYS.
    """


class Missing(StrEnum):
    """What a principal lacks."""

    ROLE = "role"
    ACTION = "action"
    TEAM = "team"
    AREA = "area"


_MISSING_TEXTS = {
    Missing.ROLE: "a role that may",
    Missing.ACTION: "this action in the grant of your key or token",
    Missing.TEAM: "the team that has it among your teams",
    Missing.AREA: "its area among your areas",
}


class NotAllowed(Exception):
    """The principal is known and may not do this: 403. `missing` says what it lacks.

    The thing's own team and area are not named: who may not see it need not learn them.
    """

    def __init__(self, action: str, *missing: Missing) -> None:
        self.action = str(action)
        self.missing = missing
        missing_text = " and ".join(_MISSING_TEXTS[lack] for lack in self.missing)
        super().__init__(f"{self.action} needs {missing_text}. Ask an administrator for a grant.")


class InvalidGrant(ValueError):
    """A key cannot be issued as asked. Remedy: the text names the field; correct it."""

    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        super().__init__(detail)

"""Access errors. `error_responses` maps them to 401, 403 and 503."""

from enum import StrEnum


class NotAuthenticated(Exception):
    """The request has no valid credential: 401.

    The text is the same for an unknown, expired, revoked or malformed credential, so it reveals nothing. Remedy: send a
    valid one. `sent` says whether there was one.
    """

    def __init__(self, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(
            "This credential is not valid, or not any more. Send another API key or token."
            if sent
            else "Send Authorization: Bearer with an API key or a token."
        )


class SigningKeysUnavailable(Exception):
    """The issuer's public keys are not available, so no token can be verified: 503.

    Remedy: check the file or address in CONCORD_JWT_KEYS.
    """


class Missing(StrEnum):
    """The missing part of a principal's grant."""

    ROLE = "role"
    ACTION = "action"
    TEAM = "team"
    AREA = "area"


_MISSING_TEXTS = {
    Missing.ROLE: "a role with this action",
    Missing.ACTION: "this action in the grant of your key or token",
    Missing.TEAM: "its team among your teams",
    Missing.AREA: "its area among your areas",
}


class NotAllowed(Exception):
    """The principal may not do this: 403. `missing` lists the missing parts of its grant.

    The text does not name the team and area of the subject: a principal without access must not learn them.
    """

    def __init__(self, action: str, *missing: Missing) -> None:
        self.action = str(action)
        self.missing = missing
        missing_text = " and ".join(_MISSING_TEXTS[lack] for lack in self.missing)
        super().__init__(f"{self.action} needs {missing_text}. Ask an administrator for a grant.")


class InvalidGrant(ValueError):
    """The request for a key is invalid. Remedy: correct the field that the text names."""

    def __init__(self, field: str, detail: str) -> None:
        self.field = field
        super().__init__(detail)

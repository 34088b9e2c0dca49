"""A mail before its encoding."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """A text mail. `id` is the same at every attempt, so that a mail program shows two copies as one mail."""

    id: str
    recipient: str
    subject: str
    body: str
    language: str
    date: datetime

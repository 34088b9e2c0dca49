"""A notice as it is handed to the mail server."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mail:
    """`id` is the same at every attempt, so that a mail program shows one mail even if two went out."""

    id: str
    recipient: str
    subject: str
    body: str
    language: str
    date: datetime

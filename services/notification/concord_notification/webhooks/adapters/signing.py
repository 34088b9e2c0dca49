"""Secrets and signatures after Standard Webhooks, by its own library."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

SECRET_BYTES = 32
PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def signed_headers(event_id: str, body: bytes, live: Sequence[str], now: datetime) -> Mapping[str, str]:
    """`webhook-id` is the event's id at every attempt; one signature for each live secret. `now` is UTC."""
    text = body.decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(event_id, now, text) for each in live),
    }

"""The secrets and request headers of Standard Webhooks, by its own library."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from standardwebhooks import Webhook

SECRET_BYTES = 32
PREFIX = "whsec_"
CONTENT_TYPE = "application/cloudevents+json"
USER_AGENT = "Concord-Webhooks/1"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def request_headers(event_id: str, body: bytes, live_secrets: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return all headers but those of the connection. `webhook-id` is the event's id at every attempt.

    The signature header holds one signature for each live secret. `now` is UTC.
    A new header belongs here: see CONTRIBUTING.md, change 8.
    """
    text = body.decode()
    return {
        "Content-Type": CONTENT_TYPE,
        "User-Agent": USER_AGENT,
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(event_id, now, text) for secret in live_secrets),
    }

#!/bin/bash
# standardwebhooks 1.1.0: `sign` takes the clock's reading of another zone for UTC, and no receiver accepts the signature
#
# One would expect: two aware datetimes of the same instant give the same signature.
# What happens: `sign` replaces the offset by UTC instead of converting. A time with the offset -5 h is signed as an instant
# five hours earlier. The header webhook-timestamp, made from the same datetime, says the right one, so the library's own
# `verify` refuses the message.
# Output seen:
#   signed at a time in UTC:              accepted
#   signed at the same time, offset -5 h: refused: No matching signature found
# Source: https://github.com/standard-webhooks/standard-webhooks/issues/251 and /pull/334 (open)
# For us: the clock that signs webhooks is in UTC, never in the city's time zone.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -qq standardwebhooks==1.1.0 ||
    { echo "The packages cannot be installed."; exit 2; }
"$work/venv/bin/python" - <<'EOF'
import importlib.metadata
import sys
from datetime import datetime, timedelta, timezone

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(b"a secret of a test, 32 bytes long")


def judge(now):
    """Sign at the time `now`, and let the same library verify what a receiver would get."""
    signature = webhook.sign("msg_1", now, "{}")
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    try:
        webhook.verify("{}", headers)
        return "accepted"
    except WebhookVerificationError as error:
        return f"refused: {error}"


now = datetime.now(timezone.utc)
in_boston = now.astimezone(timezone(timedelta(hours=-5)))
assert in_boston == now
seen = judge(now), judge(in_boston)
print("standardwebhooks", importlib.metadata.version("standardwebhooks"))
print("signed at a time in UTC:             ", seen[0])
print("signed at the same time, offset -5 h:", seen[1])
if seen != ("accepted", "refused: No matching signature found"):
    sys.exit("Changed: the offset of the time does not matter any more.")
EOF

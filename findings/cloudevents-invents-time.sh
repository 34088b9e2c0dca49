#!/bin/bash
# cloudevents 2.2.0: reading an event adds a time that its source never gave
#
# One would expect: `time` is an optional attribute, so an event without it stays without it when a program reads it.
# What happens: `JSONFormat().read` fills in the reader's clock. Written again, the event carries this as its own time, and
# each reader of the same event adds another one.
# Output seen:
#   sent:      {'specversion': '1.0', 'id': '7', 'source': '/intake', 'type': 'concern.received.v1'}
#   forwarded: {'specversion': '1.0', ..., 'type': 'concern.received.v1', 'time': '2026-11-30T23:30:45.143112Z'}
#   and again: {'specversion': '1.0', ..., 'type': 'concern.received.v1', 'time': '2026-11-30T23:30:45.143335Z'}
# Source: the SDK's docstring of CloudEvent names the default for events that a program makes, not for those that it reads;
# https://github.com/cloudevents/spec/issues/445 wants `time` absent where the time of the occurrence is unknown.
# For us: each event has a time of its own, and a check of attributes looks at the raw JSON, never at the SDK's object.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -qq cloudevents==2.2.0 ||
    { echo "The packages cannot be installed."; exit 2; }
"$work/venv/bin/python" - <<'EOF'
import importlib.metadata
import json
import sys

from cloudevents.core.formats.json import JSONFormat

sent = {"specversion": "1.0", "id": "7", "source": "/intake", "type": "concern.received.v1"}


def forwarded():
    """Read the event and write it again, as a program that passes it on."""
    return json.loads(JSONFormat().write(JSONFormat().read(None, json.dumps(sent))))


first, second = forwarded(), forwarded()
print("cloudevents", importlib.metadata.version("cloudevents"))
print("sent:     ", sent)
print("forwarded:", first)
print("and again:", second)
if {key: first[key] for key in sent} != sent or set(first) - set(sent) != {"time"} or first["time"] == second["time"]:
    sys.exit("Changed: the SDK does not add its own clock's time to an event without one any more.")
EOF

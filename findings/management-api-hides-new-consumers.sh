#!/bin/bash
# RabbitMQ 3.10.8: for seconds after a restart, the management API lists a queue without its consumers
#
# One would expect: `GET /api/queues` counts a consumer that is attached, or at least says that it does not know yet.
# What happens: it answers 200, and the entry of the queue has no `consumers`, `messages` and `state` at all until the
# statistics arrive, five to ten seconds later. `queue.declare` counts the consumer at once.
# Output seen:
#   queue.declare counts consumers: 1
#   GET /api/queues says: {'consumers': 'absent', 'messages': 'absent', 'state': 'absent'}
#   GET /api/queues counts the consumer 4.8 s later
# Source: https://github.com/rabbitmq/rabbitmq-management/issues/795 (incomplete entries of new queues).
# For us: absent is not 0. A check such as `concord doctor` must not report "no consumer" while the key is missing.
set -u
server=/usr/lib/rabbitmq/bin/rabbitmq-server
[ -x "$server" ] || server=$(command -v rabbitmq-server) ||
    { echo "RabbitMQ is missing. Run: apt-get install rabbitmq-server"; exit 2; }
work=$(mktemp -d) epmd='' broker=''
finish() {
    code=$?
    [ -z "$broker" ] || { kill "$broker" && wait "$broker"; }
    [ -z "$epmd" ] || { kill "$epmd" && wait "$epmd"; }
    rm -rf "$work"
    exit "$code"
} 2>/dev/null
trap finish EXIT
trap 'exit 2' INT TERM
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -qq pika==1.4.4 ||
    { echo "The packages cannot be installed."; exit 2; }
read -r amqp web dist names <<<"$("$work/venv/bin/python" -c '
import random, socket
free = (port for port in random.sample(range(20000, 30000), 99) if socket.socket().connect_ex(("127.0.0.1", port)))
print(*(next(free) for _ in range(4)))')"
printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$amqp" "management.tcp.ip = 127.0.0.1" "management.tcp.port = $web" \
    >"$work/rabbitmq.conf"
echo "[rabbitmq_management]." >"$work/plugins"
start_broker() {
    env -i PATH="$PATH" HOME="$work" LANG=C.UTF-8 detached=1 ERL_EPMD_PORT="$names" RABBITMQ_NODENAME=finding@localhost \
        RABBITMQ_DIST_PORT="$dist" RABBITMQ_MNESIA_BASE="$work/data" RABBITMQ_LOG_BASE="$work/log" \
        RABBITMQ_CONFIG_FILE="$work/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$work/plugins" \
        RABBITMQ_CONF_ENV_FILE="$work/none" RABBITMQ_PID_FILE="$work/pid" \
        RABBITMQ_SERVER_START_ARGS="+S 1:1 +sbwt none -sname finding@localhost" "$server" >"$work/console" 2>&1 &
    broker=$!
}
ERL_EPMD_ADDRESS=127.0.0.1 epmd -port "$names" & epmd=$!
start_broker
cat >"$work/check.py" <<'EOF'
import base64
import json
import sys
import time
import urllib.request

import pika
import pika.exceptions

def connect():
    for _ in range(600):
        try:
            return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(sys.argv[1])))
        except Exception:  # a slow start raises AMQPConnectorStackTimeout, which is no AMQPError
            time.sleep(0.5)
    print("The broker did not start within five minutes.")
    sys.exit(2)

def listed():
    """Return the queue's entry in `GET /api/queues`, or {} while the API does not answer."""
    url = f"http://127.0.0.1:{sys.argv[2]}/api/queues"
    login = base64.b64encode(b"guest:guest").decode()
    try:
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {login}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return next((queue for queue in json.load(answer) if queue["name"] == "work"), {})
    except OSError:
        return {}


connection = connect()
channel = connection.channel()
channel.queue_declare("work", durable=True, arguments={"x-queue-type": "quorum"})
if sys.argv[3] == "before":
    sys.exit()
channel.basic_consume("work", lambda *_: None)
for _ in range(600):
    if entry := listed():
        break
    connection.process_data_events(0.1)
start = time.monotonic()
attached = channel.queue_declare("work", passive=True).method.consumer_count
print("RabbitMQ", connection._impl.server_properties["version"])
print("queue.declare counts consumers:", attached)
print("GET /api/queues says:", {key: entry.get(key, "absent") for key in ("consumers", "messages", "state")})
while not listed().get("consumers") and time.monotonic() < start + 60:
    connection.process_data_events(0.1)
delay = time.monotonic() - start
print(f"GET /api/queues counts the consumer {delay:.1f} s later")
if attached != 1 or entry.get("consumers") or not 1 < delay < 60:
    sys.exit("Changed: after a restart the management API counts a consumer at once, or not within a minute.")
EOF
"$work/venv/bin/python" "$work/check.py" "$amqp" "$web" before || exit
kill "$broker" && wait "$broker"
start_broker
"$work/venv/bin/python" "$work/check.py" "$amqp" "$web" after

#!/bin/bash
# RabbitMQ 3.10.8: a headers exchange takes a condition on x-first-death-reason for none at all
#
# One would expect: dead letters can be sorted by a headers exchange that binds a queue to x-first-death-reason, and the
# reason at the delivery limit is called "delivery-limit", like the policy key.
# What happens: x-match "all" and "any" skip names that begin with "x-". So "all" with this condition alone takes every
# dead letter, with any reason, and "any" takes none. Only "all-with-x" and "any-with-x" compare it. The reason is written
# "delivery_limit".
# Output seen:
#   x-match all, x-first-death-reason rejected: received (its x-first-death-reason: delivery_limit)
#   x-match any, x-first-death-reason delivery_limit: nothing
#   x-match all-with-x, x-first-death-reason delivery-limit: nothing
#   x-match all-with-x, x-first-death-reason delivery_limit: received
# Source: https://github.com/rabbitmq/rabbitmq-server/pull/4143 and /pull/4203 (the skipped names, and the remedy of 3.10).
# For us: sort dead letters by routing key, as the topology does, or with "all-with-x".
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
read -r amqp dist names <<<"$("$work/venv/bin/python" -c '
import random, socket
free = (port for port in random.sample(range(20000, 30000), 99) if socket.socket().connect_ex(("127.0.0.1", port)))
print(*(next(free) for _ in range(3)))')"
printf '%s\n' "listeners.tcp.1 = 127.0.0.1:$amqp" >"$work/rabbitmq.conf"
echo "[]." >"$work/plugins"
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
"$work/venv/bin/python" - "$amqp" <<'EOF'
import sys
import time

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

BINDINGS = [
    ("all", "rejected"),
    ("any", "delivery_limit"),
    ("all-with-x", "rejected"),
    ("all-with-x", "delivery-limit"),
    ("all-with-x", "delivery_limit"),
]
connection = connect()
channel = connection.channel()
channel.exchange_declare("dead", "headers", durable=True)
for match, reason in BINDINGS:
    channel.queue_declare(f"{match} {reason}", durable=True)
    channel.queue_bind(f"{match} {reason}", "dead", arguments={"x-match": match, "x-first-death-reason": reason})
arguments = {"x-queue-type": "quorum", "x-delivery-limit": 1, "x-dead-letter-exchange": "dead"}
channel.queue_declare("work", durable=True, arguments=arguments)
channel.confirm_delivery()
channel.basic_publish("", "work", b"concern")
for _ in range(50):
    method, _, _ = channel.basic_get("work")
    if method is not None:
        channel.basic_reject(method.delivery_tag, requeue=True)
    time.sleep(0.1)
received = []
for match, reason in BINDINGS:
    method, properties, _ = channel.basic_get(f"{match} {reason}", auto_ack=True)
    print(f"x-match {match}, x-first-death-reason {reason}:", "nothing" if method is None else "received")
    if method is not None:
        received.append((match, reason))
        print("    its x-first-death-reason:", properties.headers["x-first-death-reason"])
print("RabbitMQ", connection._impl.server_properties["version"])
if received != [("all", "rejected"), ("all-with-x", "delivery_limit")]:
    sys.exit("Changed: other bindings than before receive the dead letter.")
EOF

#!/bin/bash
# RabbitMQ 3.10.8: a stream keeps messages far beyond its max-age
#
# One would expect: a stream with `x-max-age` of one second forgets a message after about a second, as a TTL does.
# What happens: the broker deletes whole segments only, and judges them when it begins a new one. The current segment stays,
# whatever its age. With the default segment size of 500 MB a quiet stream keeps all its messages.
# Output seen:
#   a queue with a TTL of 1 s keeps after 6 s: 0
#   a stream with a max-age of 1 s keeps after 6 s: ['old', 'new']
#   and after two full segments: ['fil', 'fil', 'fil', 'fil']
# Source: https://github.com/rabbitmq/osiris/issues/107 and https://github.com/rabbitmq/rabbitmq-server/issues/4830
# For us: the age limit of the event log limits disk space. It is no promise of deletion, so no personal data may enter.
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

def kept():
    """Return the first three characters of each message in the stream."""
    channel = connect().channel()
    channel.basic_qos(prefetch_count=100)
    found = []
    for method, _, body in channel.consume("log", arguments={"x-stream-offset": "first"}, inactivity_timeout=2):
        if method is None:
            return found
        channel.basic_ack(method.delivery_tag)
        found.append(body[:3].decode())


def publish(queue, *bodies):
    for body in bodies:
        channel.basic_publish("", queue, body)


connection = connect()
channel = connection.channel()
channel.confirm_delivery()
arguments = {"x-queue-type": "stream", "x-max-age": "1s", "x-stream-max-segment-size-bytes": 100_000}
channel.queue_declare("log", durable=True, arguments=arguments)
channel.queue_declare("queue", durable=True, arguments={"x-message-ttl": 1000})
publish("log", b"old")
publish("queue", b"old")
time.sleep(6)
publish("log", b"new")
left = channel.queue_declare("queue", passive=True).method.message_count
after_six_seconds = kept()
print("RabbitMQ", connection._impl.server_properties["version"])
print("a queue with a TTL of 1 s keeps after 6 s:", left)
print("a stream with a max-age of 1 s keeps after 6 s:", after_six_seconds)
publish("log", *[b"filler" * 10_000] * 3)
time.sleep(3)
publish("log", *[b"filler" * 10_000] * 3)
time.sleep(1)
after_two_segments = kept()
print("and after two full segments:", after_two_segments)
if left or after_six_seconds != ["old", "new"]:
    sys.exit("Changed: a stream does not keep messages beyond its max-age any more.")
if "old" in after_two_segments:
    sys.exit("Changed: a full segment does not end the old messages any more.")
EOF

#!/bin/bash
# pika 1.4.4 with RabbitMQ 3.10.8: to stop reading a stream closes the whole connection
#
# One would expect: `stop_consuming` or `basic_cancel` ends a reader of a stream as it ends a reader of a queue.
# What happens: BlockingChannel rejects each delivery that the callback has not seen yet. A stream knows no reject, so the
# broker closes the connection, and all its channels, with error 540.
# Output seen:
#   quorum: ends normally
#   stream: ConnectionClosedByBroker: (540, "NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues ...
# Source: https://github.com/pika/pika/issues/1389 (open); pika's docstring of basic_cancel announces the reject.
# For us: with pika a stream needs a connection of its own, or its channel stays open until the connection ends anyway.
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

def read_one(kind, arguments):
    """Take one of five messages, stop, and return what becomes of the connection."""
    connection = connect()
    channel = connection.channel()
    channel.queue_declare(kind, durable=True, arguments={"x-queue-type": kind})
    channel.confirm_delivery()
    for number in range(5):
        channel.basic_publish("", kind, b"event %d" % number)

    def take(channel, method, properties, body):
        channel.basic_ack(method.delivery_tag)
        channel.stop_consuming()

    channel.basic_qos(prefetch_count=5)
    channel.basic_consume(kind, take, arguments=arguments)
    try:
        channel.start_consuming()
        channel.queue_declare(kind, passive=True)
        connection.close()
        return "ends normally"
    except pika.exceptions.AMQPError as error:
        return f"{type(error).__name__}: {error}"


print("pika", pika.__version__, "RabbitMQ", connect()._impl.server_properties["version"])
ends = {kind: read_one(kind, arguments) for kind, arguments in {"quorum": {}, "stream": {"x-stream-offset": "first"}}.items()}
print(*(f"{kind}: {end}" for kind, end in ends.items()), sep="\n")
if ends["quorum"] != "ends normally":
    sys.exit("Changed: the reader of a quorum queue does not end normally any more.")
if "ConnectionClosedByBroker" not in ends["stream"] or "540" not in ends["stream"]:
    sys.exit("Changed: stopping the reader of a stream does not close the connection with 540 any more.")
EOF

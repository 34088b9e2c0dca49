#!/bin/bash
# RabbitMQ 3.10.8: to look at a message in the management API can delete it
#
# One would expect: "Get messages" with "Nack message requeue true" (ackmode `ack_requeue_true`) leaves the queue as it was.
# What happens: in a quorum queue each look counts as a failed delivery. One look more than the delivery limit, and the
# message is dead-lettered or, without a dead-letter exchange, gone.
# Output seen, with a delivery limit of 2:
#   messages that five looks show: [1, 1, 1, 0, 0]
#   messages left in the queue: 0
# Source: https://github.com/rabbitmq/rabbitmq-server/issues/9565 (the API returns a message by ending its reader); the count
# of these returns is in no document known to us. RabbitMQ 4.0 has a default limit of 20 for each quorum queue.
# For us: operators look at parked messages with `concord parked`, and never at a work queue on the management page.
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
"$work/venv/bin/python" - "$amqp" "$web" <<'EOF'
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

def look():
    """Return how many messages the management API shows. It is asked to put them back."""
    url = f"http://127.0.0.1:{sys.argv[2]}/api/queues/%2F/parked/get"
    login = base64.b64encode(b"guest:guest").decode()
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
    body = json.dumps({"count": 10, "ackmode": "ack_requeue_true", "encoding": "auto"}).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        return len(json.load(answer))


connection = connect()
channel = connection.channel()
channel.confirm_delivery()
channel.queue_declare("parked", durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 2})
channel.basic_publish("", "parked", b"concern")
shown = []
for _ in range(5):
    shown.append(look())
    time.sleep(1)
left = channel.queue_declare("parked", passive=True).method.message_count
print("RabbitMQ", connection._impl.server_properties["version"])
print("messages that five looks show:", shown)
print("messages left in the queue:", left)
if shown != [1, 1, 1, 0, 0] or left:
    sys.exit("Changed: looking at a message does not remove it at the delivery limit any more.")
EOF

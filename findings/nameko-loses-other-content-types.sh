#!/bin/bash
# nameko 2.14.1 with kombu 5.7.0: a message with another content type is acknowledged and lost
#
# One would expect: `requeue_on_error=True` puts back what the service cannot take, or at least keeps it for a second look.
# What happens: kombu refuses to decode a body whose content type is not the configured serializer's. The handler and
# `requeue_on_error` never see it: the consumer's default for undecodable bodies logs an error and acknowledges. Here a
# valid JSON body is lost because its type is application/cloudevents+json.
# Output seen:
#   waiting: 2
#   handled: [1] left in the queue: 0
# Source: https://docs.celeryq.dev/projects/kombu/en/stable/reference/kombu.mixins.html (on_decode_error of ConsumerMixin)
# For us: services use a consumer of our own, which reads the content type itself and parks what it cannot read.
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
packages="nameko==2.14.1 kombu==5.7.0 amqp==5.4.2 eventlet==0.41.3 setuptools==80.9.0"
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -qq $packages ||
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
import warnings

warnings.simplefilter("ignore")

import eventlet

eventlet.monkey_patch()

import importlib.metadata
import sys

from kombu import Connection, Exchange, Queue
from nameko.containers import ServiceContainer
from nameko.messaging import consume

uri = f"amqp://guest:guest@127.0.0.1:{sys.argv[1]}/"
queue = Queue("events", exchange=Exchange("events", "topic"), routing_key="#")
handled = []


class Service:
    name = "service"

    @consume(queue, requeue_on_error=True)
    def handle(self, body):
        handled.append(body["id"])


print("nameko", importlib.metadata.version("nameko"), "kombu", importlib.metadata.version("kombu"))
with Connection(uri, transport_options={"confirm_publish": True}) as connection:
    connection.ensure_connection(max_retries=600, interval_start=0.5, interval_step=0, interval_max=0.5)
    bound = queue(connection.default_channel)
    bound.declare()
    for number, kind in enumerate(("application/cloudevents+json", "application/json")):
        connection.Producer().publish(
            '{"id": %d}' % number, "concern", exchange="events", content_type=kind, content_encoding="utf-8"
        )
    print("waiting:", bound.queue_declare(passive=True).message_count)
    container = ServiceContainer(Service, {"AMQP_URI": uri})
    container.start()
    for _ in range(600):
        eventlet.sleep(0.1)
        if handled:
            break
    container.stop()
    left = bound.queue_declare(passive=True).message_count
print("handled:", handled, "left in the queue:", left)
if handled != [1] or left:
    sys.exit("Changed: nameko does not drop the message with the other content type any more.")
EOF

#!/bin/bash
# pika 1.4.4 with RabbitMQ 3.10.8: a cut connection has the error class of a wrong password
#
# One would expect: ProbableAuthenticationError and ProbableAccessDeniedError mean that the broker refused the login.
# What happens: pika chooses the class by the stage of the handshake alone. A network that cuts the connection after the
# client's start-ok or tune-ok gives the same classes, although the login is right and the broker refused nothing.
# Output seen:
#   wrong password: ProbableAuthenticationError: ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused ...
#   unknown virtual host: ProbableAccessDeniedError: ConnectionClosedByBroker: (530) 'NOT_ALLOWED - vhost none not found'
#   right login, cut after start-ok: ProbableAuthenticationError: StreamLostError: ('Transport indicated EOF',)
#   right login, cut after tune-ok: ProbableAccessDeniedError: StreamLostError: ('Transport indicated EOF',)
# Source: none known; https://pika.readthedocs.io/en/stable/modules/exceptions.html says only "probable".
# For us: read the broker's code in the error's text (403, 530) before a message blames the password or the virtual host.
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
import socket
import sys
import threading
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

def cut_after(exchanges):
    """Return the port of a proxy that passes on some requests and answers of the handshake, then closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        client, _ = listener.accept()
        with client, socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as broker:
            for _ in range(exchanges):
                broker.sendall(client.recv(65536))
                client.sendall(broker.recv(65536))
            client.recv(65536)

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def outcome(port, password="guest", vhost="/"):
    login = pika.PlainCredentials("guest", password)
    try:
        pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port, vhost, login)).close()
        return "connected"
    except pika.exceptions.AMQPError as error:
        return f"{type(error).__name__}: {error}"


print("pika", pika.__version__, "RabbitMQ", connect()._impl.server_properties["version"])
seen = {
    "right login": outcome(int(sys.argv[1])),
    "wrong password": outcome(int(sys.argv[1]), password="wrong"),
    "unknown virtual host": outcome(int(sys.argv[1]), vhost="none"),
    "right login, cut after start-ok": outcome(cut_after(1)),
    "right login, cut after tune-ok": outcome(cut_after(2)),
}
print(*(f"{case}: {end}" for case, end in seen.items()), sep="\n")
names = [end.partition(":")[0] for end in seen.values()]
login, access = "ProbableAuthenticationError", "ProbableAccessDeniedError"
if names != ["connected", login, access, login, access]:
    sys.exit("Changed: pika tells a cut connection from a refused login by the class of the error.")
if "ACCESS_REFUSED" not in seen["wrong password"] or "530" not in seen["unknown virtual host"]:
    sys.exit("Changed: the broker's own words are missing from pika's error.")
EOF

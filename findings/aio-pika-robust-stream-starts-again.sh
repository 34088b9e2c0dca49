#!/bin/bash
# aio-pika 10.2.1 with RabbitMQ 3.10.8: after a reconnect, a reader of a stream gets all messages again
#
# One would expect: the robust connection, which restores consumers after a lost connection, goes on where it was.
# What happens: it repeats basic.consume with the first arguments. With `x-stream-offset: first` the stream begins anew, and
# nothing tells the callback so: the deliveries are not marked as redelivered, because a stream has no redeliveries.
# Output seen:
#   before the cut: [0, 1, 2]
#   after the reconnect: [0, 1, 2, 0, 1, 2]
# Source: none known for aio-pika; https://github.com/motis-project/motis/pull/390 repairs the same fault elsewhere.
# For us: a subscriber keeps the offset of the last event (header x-stream-offset), and drops event ids that it knows.
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
python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -qq aio-pika==10.2.1 ||
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
import asyncio
import importlib.metadata
import logging
import sys

import aio_pika

logging.disable()  # aio-pika reports the cut at length
ends = []


async def pass_on(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)


async def proxy(reader, writer):
    from_broker, to_broker = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    ends.extend((writer, to_broker))
    await asyncio.gather(pass_on(reader, to_broker), pass_on(from_broker, writer), return_exceptions=True)


async def connected(port):
    for _ in range(600):
        try:
            return await aio_pika.connect_robust(host="127.0.0.1", port=port, reconnect_interval=1)
        except OSError:
            await asyncio.sleep(0.5)
    sys.exit("The broker did not start within five minutes.")


async def main():
    await (await connected(int(sys.argv[1]))).close()
    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    connection = await connected(server.sockets[0].getsockname()[1])
    channel = await connection.channel()
    await channel.set_qos(10)
    queue = await channel.declare_queue("log", durable=True, arguments={"x-queue-type": "stream"})
    for body in (b"0", b"1", b"2"):
        await channel.default_exchange.publish(aio_pika.Message(body), "log")
    got = []

    async def take(message):
        got.append(int(message.body))
        await message.ack()

    await queue.consume(take, arguments={"x-stream-offset": "first"})
    while len(got) < 3:
        await asyncio.sleep(0.1)
    print("before the cut:", got)
    for end in ends:
        end.close()
    for _ in range(60):
        await asyncio.sleep(1)
        if len(got) >= 6:
            break
    print("after the reconnect:", got)
    await connection.close()
    return got


print("aio-pika", importlib.metadata.version("aio-pika"))
if asyncio.run(asyncio.wait_for(main(), 300)) != [0, 1, 2, 0, 1, 2]:
    sys.exit("Changed: after a reconnect the stream does not begin at the first offset again.")
EOF

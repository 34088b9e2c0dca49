"""A busy program: opens connections on loopback at a steady rate, so that the system gives out many ephemeral ports.

    python tests/chaos/connection_load.py --rate 200 --seconds 60

It ends by itself. It prints a line when the load begins and the number of connections at the end.
"""

import argparse
import socket
import threading
import time
from collections import deque

LOOPBACK = "127.0.0.1"
HIGHEST_RATE = 1000
LONGEST_SECONDS = 3600.0
OPEN_AT_MOST = 400
"""Connections that stay open at a time; each has a file descriptor at both ends."""


def accept_until_closed(server: socket.socket) -> None:
    """Keep the latest connections open, as a server with keep-alive does."""
    accepted: deque[socket.socket] = deque()
    while True:
        try:
            accepted.append(server.accept()[0])
        except OSError:
            return
        if len(accepted) > OPEN_AT_MOST:
            accepted.popleft().close()


def load(rate: int, seconds: float) -> int:
    """Open `rate` connections a second for `seconds`; how many were opened."""
    opened: deque[socket.socket] = deque()
    count = 0
    with socket.create_server((LOOPBACK, 0), backlog=512) as server:
        threading.Thread(target=accept_until_closed, args=(server,), daemon=True).start()
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            while count < passed * rate:
                opened.append(socket.create_connection(server.getsockname(), timeout=5))
                count += 1
                if len(opened) > OPEN_AT_MOST:
                    opened.popleft().close()
            time.sleep(1 / rate)
    for connection in opened:
        connection.close()
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200, help="connections a second (default: 200)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: 60)")
    options = parser.parse_args()
    if not 1 <= options.rate <= HIGHEST_RATE or not 0 < options.seconds <= LONGEST_SECONDS:
        parser.error(f"give a rate from 1 to {HIGHEST_RATE} and at most {LONGEST_SECONDS:.0f} seconds")
    print(f"{options.rate} connections a second for {options.seconds:.0f} s", flush=True)
    print(f"{load(options.rate, options.seconds)} connections", flush=True)


if __name__ == "__main__":
    main()

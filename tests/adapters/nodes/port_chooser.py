"""Chooses ports, prints them and lives until its standard input ends."""

import sys

from concord_nodes.tcp_ports import free_port

print(*(free_port() for _ in range(int(sys.argv[1]))), flush=True)
sys.stdin.read()

#!/bin/sh
# Runs the programs of docs/guide/other-clients.md with the newest libraries, which the project itself does not install.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pika aio-pika kombu 'faststream[rabbit]'
npm install --silent --prefix "$folder" amqplib
CONCORD_CLIENTS_PYTHON=$folder/venv/bin/python CONCORD_CLIENTS_NODE_MODULES=$folder/node_modules \
    pytest tests/clients

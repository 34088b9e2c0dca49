"""`concord contracts`: what the messages are, for programs and people."""

import json

import click

from concord_cli.common.errors import UsageError
from concord_contracts.catalogue import CATALOGUE
from concord_contracts.documents import asyncapi, schema_document


@click.group()
def contracts() -> None:
    """The messages: a list, AsyncAPI, JSON Schemas. Each service shows its own API at /openapi.json."""


@contracts.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_types(as_json: bool) -> None:
    """Every message type with who tells it and what it says.

    \b
    Example:
      concord contracts list | grep '^promise'
    """
    for kind in sorted(CATALOGUE.values(), key=lambda each: each.name):
        reader = "public" if kind.public else f"for {kind.recipient} alone"
        if as_json:
            about = {"type": kind.name, "owner": kind.owner, "recipient": kind.recipient, "meaning": kind.description}
            click.echo(json.dumps(about))
        else:
            click.echo(f"{kind.name:28} {kind.owner:13} {reader:24} {kind.description.splitlines()[0]}")


@contracts.command(name="asyncapi")
def print_asyncapi() -> None:
    """Print the AsyncAPI 3.0 document of the bus, with AMQP bindings.

    \b
    Example:
      concord contracts asyncapi > asyncapi.json
    """
    click.echo(json.dumps(asyncapi(), indent=2))


@contracts.command()
@click.argument("type_name", metavar="TYPE")
def schema(type_name: str) -> None:
    """Print the JSON Schema of the data of one type.

    \b
    Example:
      concord contracts schema concern.routed.v1
    """
    kind = CATALOGUE.get(type_name)
    if kind is None:
        raise UsageError(f"There is no message type {type_name!r}; see `concord contracts list`.")
    click.echo(json.dumps(schema_document(kind, f"/schemas/{kind.name}.json"), indent=2))

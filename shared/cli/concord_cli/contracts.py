"""`concord contracts` and its sub-commands."""

import json

import click

from concord_cli.common.errors import UsageError
from concord_cli.common.options import json_option
from concord_contracts.catalogue import CATALOGUE
from concord_contracts.documents import asyncapi, schema_document


@click.group()
def contracts() -> None:
    """Print message types, AsyncAPI and JSON Schemas.

    For the HTTP API of a service, see its /openapi.json.

    \b
    Examples:
      concord contracts list
      concord contracts asyncapi > asyncapi.json
    """


@contracts.command(name="list")
@json_option("Print each type as one line of JSON.")
def list_types(as_json: bool) -> None:
    """List message types with owner, recipient and meaning.

    \b
    Example:
      concord contracts list | grep '^promise'
    """
    for kind in sorted(CATALOGUE.values(), key=lambda kind: kind.name):
        recipient = "public" if kind.public else f"private: {kind.recipient}"
        if as_json:
            about = {"type": kind.name, "owner": kind.owner, "recipient": kind.recipient, "meaning": kind.description}
            click.echo(json.dumps(about))
        else:
            click.echo(f"{kind.name:28} {kind.owner:13} {recipient:24} {kind.description.splitlines()[0]}")


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
    """Print the JSON Schema of the data of TYPE.

    \b
    Example:
      concord contracts schema concern.routed.v1
    """
    kind = CATALOGUE.get(type_name)
    if kind is None:
        raise UsageError(f"No message type {type_name!r}: see `concord contracts list`.")
    click.echo(json.dumps(schema_document(kind, f"/schemas/{kind.name}.json"), indent=2))

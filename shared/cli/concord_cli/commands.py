"""The `concord` command: its sub-commands by name. It imports a sub-command only when it runs, for a quick --help."""

from importlib import import_module

import click

from concord_cli import __version__

# CONTRIBUTING.md, change 9, lists the other places of a new command, and of a sub-command.
COMMANDS = {
    "up": ("concord_cli.up.commands:up", "Run the whole platform on this machine."),
    "import": ("concord_cli.import_records:import_records", "Import concerns from a CSV file."),
    "serve": ("concord_cli.serve:serve", "Run one service."),
    "city": ("concord_cli.city.commands:city", "Write, validate, try and apply a city folder."),
    "topology": ("concord_cli.topology:topology", "Show or apply the broker's exchanges, queues and logins."),
    "subscriber": ("concord_cli.subscriber.commands:subscriber", "Manage subscribers of events."),
    "parked": ("concord_cli.parked.commands:parked", "List, show, replay and drop parked messages."),
    "webhook": ("concord_cli.webhook.commands:webhook", "Manage webhooks."),
    "tail": ("concord_cli.tail.commands:tail", "Print public events as they happen."),
    "replay": ("concord_cli.replay.commands:replay", "Rebuild measures from the stream of events."),
    "doctor": ("concord_cli.doctor.commands:doctor", "Diagnose problems and suggest remedies."),
    "contracts": ("concord_cli.contracts:contracts", "Print message types, AsyncAPI and JSON Schemas."),
    "keys": ("concord_cli.keys:keys", "Generate encryption keys."),
    "token": ("concord_cli.token.commands:token", "Issue, list and revoke API keys."),
    "completion": ("concord_cli.completion:completion", "Print the completion script for a shell."),
    "audit": ("concord_cli.audit.commands:audit", "List and verify the audit."),
}


class LazyGroup(click.Group):
    """A group that imports its commands from COMMANDS on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="concord")
def concord() -> None:
    """Run and manage Concord, software for community policing.

    \b
    Examples:
      concord up --once                       import the sample, print the result
      concord city check deploy/sample/boston/city
      concord COMMAND --help                  show options and examples
    """

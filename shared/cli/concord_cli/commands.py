"""The sub-commands by name. Their modules are imported when one is called, so that `concord --help` is quick."""

from importlib import import_module

import click

from concord_cli import __version__

COMMANDS = {
    "up": ("concord_cli.up.commands:up", "Run the whole platform on this machine."),
    "import": ("concord_cli.import_records:bring_in", "Take records from elsewhere in, with their own times."),
    "serve": ("concord_cli.serve:serve", "Run one service."),
    "city": ("concord_cli.city:city", "Look after a city folder."),
    "topology": ("concord_cli.topology:topology", "The broker's exchanges, queues and logins."),
    "subscriber": ("concord_cli.subscriber.command:subscriber", "Log-ins of other city services: add, list, rotate …"),
    "parked": ("concord_cli.parked.command:parked", "Messages that wait for a person: list, show, replay, drop."),
    "webhook": ("concord_cli.webhook.command:webhook", "Events by signed HTTPS request to other services."),
    "tail": ("concord_cli.tail.commands:tail", "Public events as they happen."),
    "replay": ("concord_cli.replay.commands:replay", "Rebuild measures from the stream of events."),
    "doctor": ("concord_cli.doctor.commands:doctor", "What is wrong, and what to do."),
    "contracts": ("concord_cli.contracts:contracts", "The messages: list, AsyncAPI, JSON Schemas."),
    "keys": ("concord_cli.keys:keys", "Make encryption keys."),
    "token": ("concord_cli.token.commands:token", "API keys: issue, list, revoke."),
    "completion": ("concord_cli.completion:completion", "Let bash, zsh or fish complete commands and options."),
    "audit": ("concord_cli.audit.commands:audit", "Who did what: list it, check that nothing was changed."),
}


class LazyGroup(click.Group):
    """Finds its commands in COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="concord")
def concord() -> None:
    """Concord: community policing as a conversation that is kept.

    \b
    Examples:
      concord up --once                       take in a sample of real concerns, show what became of them
      concord city check deploy/sample/boston/city
      concord COMMAND --help                  more about a command, with examples
    """

"""Entry point of the `concord` command."""

import sys

from concord_cli.common.output_streams import prepare_streams


def main() -> None:
    """Run the command. For a service, set up eventlet before any other import."""
    prepare_streams()
    if sys.argv[1:2] == ["serve"]:
        from concord_cli.common.eventlet_setup import patch_eventlet

        patch_eventlet()
    from concord_cli.commands import concord

    concord(prog_name="concord")


if __name__ == "__main__":
    main()

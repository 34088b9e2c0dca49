"""Where the `concord` command begins."""

import sys


def main() -> None:
    """Run the command. A service's process is made green before anything else is imported in it."""
    if sys.argv[1:2] == ["serve"]:
        from concord_cli.common.eventlet_setup import patch_eventlet

        patch_eventlet()
    from concord_cli.commands import concord

    concord(prog_name="concord")


if __name__ == "__main__":
    main()

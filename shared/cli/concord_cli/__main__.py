"""Where the `concord` command begins."""

import sys
import warnings


def main() -> None:
    """Run the command. A service's process is made green before anything else is imported in it."""
    if sys.argv[1:2] == ["serve"]:
        warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
        import eventlet

        eventlet.monkey_patch()
    from concord_cli.commands import concord

    concord(prog_name="concord")


if __name__ == "__main__":
    main()

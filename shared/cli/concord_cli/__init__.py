"""The `concord` command for city IT. Nothing heavy is imported before a sub-command needs it."""

__version__ = "0.8.0"

"""The baseline: the same work as a stock nameko service would do it, at stock settings."""

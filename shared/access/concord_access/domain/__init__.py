"""Permissions, the grants of keys and tokens, and the audit chain: pure functions on frozen dataclasses."""

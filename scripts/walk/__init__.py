"""Follows one concern through the four services in one process and compares the way with docs/walk.md."""

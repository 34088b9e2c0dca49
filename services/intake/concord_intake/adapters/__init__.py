"""Adapters of intake's database port: SQL and memory."""

"""Routing's rules, free of any framework."""

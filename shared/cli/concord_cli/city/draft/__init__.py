"""A first city folder from what a city has: its boundaries and its records."""

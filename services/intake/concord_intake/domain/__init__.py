"""Values and pure rules: a concern, its receipt, its timeline and its events."""

"""Who may do what, what a key or token grants, and how a trace is chained: pure functions on frozen dataclasses."""

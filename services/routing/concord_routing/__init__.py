"""Routing: a concern becomes a case of the team that can act, with promised times, or a person's task."""

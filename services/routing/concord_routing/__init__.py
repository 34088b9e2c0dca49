"""Routing: gives each concern to a team, as a case with promised times, or to a person as a task."""

"""Machines that run tests are shared: how long one example takes says nothing about the code."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

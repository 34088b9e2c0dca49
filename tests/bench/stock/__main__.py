"""`python -m stock NAME` serves one of them, in a process made green before anything else is imported."""

import sys
from importlib import import_module

import eventlet

eventlet.monkey_patch()
import_module(f"stock.{sys.argv[1]}").main()

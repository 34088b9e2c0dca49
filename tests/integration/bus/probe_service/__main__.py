"""`python -m probe_service`: serve with the settings in the environment."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
import sys  # noqa: E402

from concord_bus.runner import run  # noqa: E402
from probe_service.service import build  # noqa: E402

sys.exit(run(build, os.environ))

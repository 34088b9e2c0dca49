"""The examples for other city services start, and end on Ctrl-C without a traceback."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError

from concord_nodes.tcp_ports import free_port

RECEIVER = Path(__file__).parents[3] / "deploy" / "examples" / "webhook_receiver.py"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_ctrl_c_ends_the_receiver() -> None:
    port = free_port()
    env = {**os.environ, "CONCORD_WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    with subprocess.Popen([sys.executable, RECEIVER], env=env, stderr=subprocess.PIPE, text=True) as process:
        while not listens(port):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in errors) == (0, False)


def listens(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
    except HTTPError:
        return True  # it answers, if only that it knows no GET
    except URLError:
        return False
    return True

"""Sets up what Concord needs and is missing, then becomes the command that was asked for.

    bootstrap.py [--dev] [--need PROGRAM]... [-- COMMAND...]

Standard library only. A step whose result is there already costs nothing: a warm run takes a fraction of a second.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import system_packages

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
ROOMS = ("shared", "services")
# Begun by sh, as the kernel takes no spaces and few characters in the path of an interpreter.
LAUNCHER = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from concord_cli.__main__ import main

if __name__ == "__main__":  # a process that multiprocessing spawns imports this file again
    sys.exit(main())
"""


class SetupError(Exception):
    """One sentence that says what is missing and what to do."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--need", action="append", default=[], choices=sorted(system_packages.PARTS), help="a part")
    parser.add_argument("command", nargs="*", help="run this afterwards, with .venv/bin first in PATH")
    options = parser.parse_args(arguments)
    try:
        make_venv()
        install_locked(ROOT / "requirements.txt")
        if options.dev:
            install_locked(ROOT / "requirements-dev.txt")
        link_packages()
        for part in options.need:
            system_packages.require(part)
    except (SetupError, system_packages.CannotInstall) as error:
        print(error, file=sys.stderr)
        return 1
    if options.command:
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
        os.execvp(options.command[0], options.command)
    return 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def make_venv() -> None:
    """Build a virtual environment in .venv; replace one whose Python has gone (moved folder, upgraded system)."""
    if PYTHON.exists() and os.access(VENV / "bin" / "pip", os.X_OK):
        return
    system_packages.require("venv")
    say("Making the virtual environment .venv")
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(f"The virtual environment could not be made: {done.stderr or done.stdout}".strip())


def install_locked(lock: Path) -> None:
    """Install exactly what the lock names, by hash, when the lock or the Python is not the one of last time."""
    stamp = VENV / f"{lock.stem}.installed"
    state = hashlib.sha256(lock.read_bytes() + bytes(PYTHON.resolve()) + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == state:
        return
    say(f"Installing what {lock.name} names into .venv (half a minute)")
    # The lock is complete, so pip need not look for what its packages require in turn.
    command = [PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    if subprocess.run([*command, "--require-hashes", "-r", lock]).returncode:
        raise SetupError(f"pip could not install {lock.name}: see its message above; then run this again.")
    stamp.write_text(state)


def link_packages() -> None:
    """Make the packages importable from source and put the command `concord` into .venv/bin.

    A path file and a launcher instead of `pip install -e`: ten editable builds take half a minute.
    Both name the same folders.
    """
    (site,) = VENV.glob("lib/python3*/site-packages")
    folders = sorted({package.parent for room in ROOMS for package in (ROOT / room).glob("*/concord_*")})
    write(site / "concord.pth", "".join(f"{folder}\n" for folder in folders))
    write(VENV / "bin" / "concord", LAUNCHER.format(python=PYTHON), mode=0o755)


def write(file: Path, text: str, mode: int = 0o644) -> None:
    """Replace the file in one step, if it differs: another run may be reading it."""
    if file.exists() and file.read_text() == text:
        return
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(text)
    beside.chmod(mode)
    beside.replace(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

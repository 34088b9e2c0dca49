"""Mails as .eml files in a folder. The order of their names is the order of arrival."""

import email
import email.policy
import os
from email.message import EmailMessage
from pathlib import Path


class MailFolder:
    """A folder of mails. `names` lists them, oldest first. No reader sees a half-written file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.names = sorted(file.stem for file in folder.glob("*.eml"))
        self._last = int(self.names[-1]) if self.names else 0

    def keep(self, content: bytes) -> str:
        """Write one mail and return its name. Raises OSError."""
        self._last += 1
        name = f"{self._last:09d}"
        beside = self._folder / f"{name}.part"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=0) as out:
            out.write(content)
        beside.rename(self._folder / f"{name}.eml")
        self.names.append(name)
        return name

    def read(self, name: str) -> EmailMessage:
        """Return one mail. Raises KeyError for an unknown name."""
        if not name.isdecimal():
            raise KeyError(name)
        try:
            content = (self._folder / f"{name}.eml").read_bytes()
        except FileNotFoundError as error:
            raise KeyError(name) from error
        return email.message_from_bytes(content, policy=email.policy.default)

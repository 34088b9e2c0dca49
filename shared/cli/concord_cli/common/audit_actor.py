"""The operator's name in the audit."""

import os
import re


def actor() -> str:
    """Return the operator as `cli:1000`: the number of the account, before sudo if sudo ran the command.

    A user name would be personal data. The number proves nothing, because an operator with access to the database
    could write to it directly.
    """
    sudo_uid = os.environ.get("SUDO_UID", "")
    return f"cli:{sudo_uid if re.fullmatch('[0-9]{1,10}', sudo_uid) else os.getuid()}"

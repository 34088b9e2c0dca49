"""Who runs this command, as the audit names them."""

import os
import re


def actor() -> str:
    """`cli:1000`: the number of the account, before sudo where that was used. A name would be personal.

    Who may run a command on the database could write to it anyway: the number tells operators apart, it proves nothing.
    """
    before = os.environ.get("SUDO_UID", "")
    return f"cli:{before if re.fullmatch('[0-9]{1,10}', before) else os.getuid()}"

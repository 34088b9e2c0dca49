"""Keys that everybody may know: with them the frozen sealed examples must open for ever."""

from base64 import urlsafe_b64encode

from concord_contracts import Codec, Keyrings
from concord_contracts.encryption import RECIPIENTS, variable

KEY = urlsafe_b64encode(b"an example key, known to anybody").decode()
NEWER_KEY = urlsafe_b64encode(b"another key, known to everybody.").decode()
FOREIGN_KEY = urlsafe_b64encode(b"a key that fits to nothing here.").decode()


def codec(*keys: str, recipients: tuple[str, ...] = RECIPIENTS) -> Codec:
    """A codec with these keys, newest first, for each of the recipients."""
    return Codec(keyrings(*keys, recipients=recipients))


def keyrings(*keys: str, recipients: tuple[str, ...] = RECIPIENTS) -> Keyrings:
    return Keyrings.from_env({variable(each): ",".join(keys or (KEY,)) for each in recipients})

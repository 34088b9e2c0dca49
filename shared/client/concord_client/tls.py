"""TLS to the broker: certificates in files."""

import ssl
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tls:
    """Paths of PEM files for an `amqps` URL.

    - `ca_file` holds the CA certificates to trust, by default those of the system.
    - `certificate_file` is a certificate of your own, if the broker wants one, and `key_file` its key. Without
      `key_file` the key is in the same file.
    """

    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies certificate and host name. Raises ValueError for an unusable file."""
        context = self._trusting()
        if self.certificate_file:
            try:
                context.load_cert_chain(self.certificate_file, self.key_file, password=_refuse_to_ask)
            except OSError as error:
                raise ValueError(f"certificate_file and key_file: {self.certificate_file} {_fault(error)}") from error
        return context

    def _trusting(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            raise ValueError(f"ca_file: {self.ca_file} {_fault(error)}") from error


def _refuse_to_ask() -> str:
    raise ValueError("key_file is encrypted: give a key without a passphrase")


def _fault(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        mismatch = "KEY_VALUES_MISMATCH" in (error.reason or "")
        return "has another key" if mismatch else "holds no PEM certificate that can be used"
    return f"cannot be read: {error.strerror}"

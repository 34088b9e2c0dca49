"""TLS to the broker and its management API: certificates in files, and the reason of a failed handshake in words."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

CA_VARIABLE = "CONCORD_BROKER_CA_FILE"
CERTIFICATE_VARIABLE = "CONCORD_BROKER_CERTIFICATE_FILE"
KEY_VARIABLE = "CONCORD_BROKER_KEY_FILE"

_EXPIRED, _NOT_YET = 10, 9
_ISSUERS = (2, 18, 19, 20, 21)
"""OpenSSL's codes for a chain that ends at no trusted certificate."""
_NAMES = (62, 64)
"""OpenSSL's codes for a certificate of another host name or address."""
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")
ALERT = b"\x15\x03"
"""The first bytes of a TLS alert: the response of a TLS port to another protocol."""


class TlsFileError(OSError):
    """A file of certificates cannot be used. The text names the variable and the file."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files: CA certificates to trust in place of the system's, and a certificate of our own with its key.

    A certificate without `key` has the key in the same file.
    """

    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read the paths from `env` and try the files. Raises TlsFileError."""
        ca, certificate, key = (env.get(name) or None for name in (CA_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE))
        if key and not certificate:
            raise TlsFileError(f"set {CERTIFICATE_VARIABLE}: a key needs its certificate")
        files = cls(ca, certificate, key)
        if ca or certificate:
            files.context()
        return files

    def context(self) -> ssl.SSLContext:
        """Return a context that verifies certificate and host name. It reads the files anew. Raises TlsFileError."""
        try:
            context = ssl.create_default_context(cafile=self.ca)
        except OSError as error:
            raise _unusable(CA_VARIABLE, self.ca, error) from error
        if self.certificate:
            try:
                context.load_cert_chain(self.certificate, self.key, password=_refuse_to_ask)
            except OSError as error:
                raise _unusable(CERTIFICATE_VARIABLE, self.certificate, error) from error
        return context


def tls_fault(error: BaseException | None, host: str, ca_variable: str | None = CA_VARIABLE) -> str | None:
    """Return why TLS to `host` failed and what to do, None for an error that is not of TLS.

    `ca_variable` names the file of CA certificates, None for a server that the system's own must cover.
    """
    if isinstance(error, TlsFileError):
        return str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verification(error, host, ca_variable)
    if not isinstance(error, ssl.SSLError):
        return None
    return fault_of((error.reason or "").upper() or str(error).upper().replace(" ", "_"))


def fault_of(reason: str) -> str:
    """Return the words for OpenSSL's name of a fault, such as TLSV1_ALERT_UNKNOWN_CA, with what to do."""
    if any(name in reason for name in _NO_TLS):
        return "the port speaks no TLS: use the TLS port, or a URL without TLS"
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return f"the server wants a certificate of ours: set {CERTIFICATE_VARIABLE} and {KEY_VARIABLE}"
    if "ALERT_CERTIFICATE_EXPIRED" in reason:
        return f"our certificate has expired: renew the one in {CERTIFICATE_VARIABLE}"
    if "ALERT" in reason and ("CA" in reason.split("_") or "CERTIFICATE" in reason):
        return f"the server does not trust our certificate: set {CERTIFICATE_VARIABLE} to one that its CA issued"
    return f"TLS failed ({reason.lower().replace('_', ' ')})"


def _verification(error: ssl.SSLCertVerificationError, host: str, ca_variable: str | None) -> str:
    code, words = error.verify_code, error.verify_message or str(error)
    if code in _ISSUERS:
        remedy = f"set {ca_variable} to its CA" if ca_variable else "add its CA to those that this machine trusts"
        return f"no CA that we trust issued the server's certificate: {remedy}"
    if code in _NAMES:
        return f"the server's certificate is not for {host}: use a name in it, or have {host} added"
    if code == _EXPIRED:
        return "the server's certificate has expired: renew it on the server"
    if code == _NOT_YET:
        return "the server's certificate is not valid yet: check the clocks"
    return f"the server's certificate is not valid ({words})"


def _refuse_to_ask() -> str:
    raise TlsFileError("the key is encrypted: give one without a passphrase")


def _unusable(variable: str, file: str | None, error: OSError) -> TlsFileError:
    if isinstance(error, TlsFileError):
        return TlsFileError(f"{KEY_VARIABLE}: {error}")
    if isinstance(error, ssl.SSLError):
        mismatch = "KEY_VALUES_MISMATCH" in (error.reason or "")
        words = f"has another key than {KEY_VARIABLE}" if mismatch else "holds no PEM certificate that can be used"
        return TlsFileError(f"{variable}: {file} {words}")
    return TlsFileError(f"{variable}: {file} cannot be read: {error.strerror}")

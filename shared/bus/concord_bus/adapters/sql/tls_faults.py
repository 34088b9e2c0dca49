"""The faults of TLS to PostgreSQL, from libpq's texts."""

import re

_FAULTS = (
    (r"SSL error: certificate verify failed", "no CA in sslrootcert issued its certificate, or it has ended: set it"),
    (
        r'server certificate for "(?P<name>[^"]+)".* does not match host name "(?P<host>[^"]+)"',
        "its certificate is for {name}, not for {host}: use a name in it, or have {host} added",
    ),
    (r"server does not support SSL", "it speaks no TLS: turn `ssl` on at the server, or remove sslmode from the URL"),
    (r'root certificate file "(?P<file>[^"]+)" does not exist', "sslrootcert {file} does not exist: correct the URL"),
    (r"could not read root certificate file \"(?P<file>[^\"]+)\"", "sslrootcert {file} holds no PEM certificates"),
    (r"no pg_hba.conf entry .* no encryption", "it accepts TLS only: add ?sslmode=verify-full to the URL"),
    (r"connection requires a valid client certificate", "it wants a certificate of ours: set sslcert and sslkey"),
    (r"alert (certificate required|unknown ca|bad certificate)", "it does not accept our certificate: set sslcert"),
    (r"alert certificate expired", "our certificate in sslcert has expired: renew it"),
    (r'certificate file "(?P<file>[^"]+)"', "the certificate {file} cannot be used: correct sslcert and sslkey"),
    (r'private key file "(?P<file>[^"]+)" has group or world access', "others may read sslkey: chmod 600 {file}"),
)


def tls_fault(text: str) -> str | None:
    """Return the fault of TLS in libpq's `text`, with what to do; None without one. "it" is the server."""
    for pattern, words in _FAULTS:
        if found := re.search(pattern, text, re.IGNORECASE | re.DOTALL):
            return words.format(**found.groupdict())
    return None

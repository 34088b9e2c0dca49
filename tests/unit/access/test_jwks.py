"""The issuer's keys: read when needed, at most once a minute, and kept for a day when the issuer is away."""

import json
import threading

import pytest
from joserfc.jwk import ECKey, OKPKey
from tokens import KEYS, jwks

from concord_access import SigningKeysUnavailable
from concord_access.adapters.jwks import CachedKeys, UnreadableKeys, read_jwks


class Issuer:
    """Counts how often its keys are read; answers `document`, or is away."""

    def __init__(self, document=None):
        self.document = document or jwks()
        self.reads = 0
        self.now = 1000.0
        self.keys = CachedKeys(self.fetch, lambda: self.now)

    def fetch(self):
        self.reads += 1
        if self.document is None:
            raise UnreadableKeys("away")
        return self.document


def test_a_byte_order_mark_is_passed_over():
    document = jwks(KEYS["ES256"])
    assert list(read_jwks(b"\xef\xbb\xbf" + document)) == list(read_jwks(document))


def test_read_once_while_fresh():
    issuer = Issuer()
    for _ in range(100):
        assert issuer.keys.find("e1") is not None
    issuer.now += 599
    issuer.keys.find("r1")
    assert issuer.reads == 1
    issuer.now += 2
    issuer.keys.find("r1")
    assert issuer.reads == 2


def test_unknown_keys_are_looked_for_once_a_minute():
    issuer = Issuer()
    issuer.keys.find("e1")
    for second in range(180):
        issuer.now += 1
        assert issuer.keys.find(f"made-up-{second}") is None
    assert issuer.reads == 1 + 3


def test_a_new_key_is_found():
    issuer = Issuer()
    assert issuer.keys.find("e2") is None
    issuer.document = jwks(ECKey.generate_key("P-256", {"kid": "e2"}))
    assert issuer.keys.find("e2") is None
    issuer.now += 60
    assert issuer.keys.find("e2") is not None
    assert issuer.keys.find("e1") is None


def test_keys_serve_for_a_day_while_the_issuer_is_away():
    issuer = Issuer()
    issuer.keys.find("e1")
    issuer.document = None
    issuer.now += 24 * 3600
    assert issuer.keys.find("e1") is not None
    issuer.now += 1
    with pytest.raises(SigningKeysUnavailable):
        issuer.keys.find("e1")
    issuer.document = jwks()
    issuer.now += 60
    assert issuer.keys.find("e1") is not None


def test_an_issuer_that_was_never_there():
    issuer = Issuer()
    issuer.document = None
    for _ in range(10):
        with pytest.raises(SigningKeysUnavailable):
            issuer.keys.find("e1")
    assert issuer.reads == 1


def test_rubbish_does_not_replace_good_keys():
    issuer = Issuer()
    issuer.keys.find("e1")
    issuer.document = b"<html>"
    issuer.now += 700
    assert issuer.keys.find("e1") is not None
    assert issuer.reads == 2


def test_many_at_once_read_once():
    begun, go_on = threading.Event(), threading.Event()
    issuer = Issuer()

    def slow():
        begun.set()
        assert go_on.wait(30)
        return issuer.fetch()

    keys, found = CachedKeys(slow, lambda: issuer.now), []
    threads = [threading.Thread(target=lambda: found.append(keys.find("e1"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(30)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert None not in found
    assert issuer.reads == 1


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be"),
        (b'{"keys": {}}', "must be"),
        (json.dumps({"keys": [{}] * 101}).encode(), "at most 100 keys"),
        (b'{"keys": []}', "no public RSA"),
        (b'{"keys": [1, null, {}, {"kty": "RSA", "kid": "x"}, {"kty": ["RSA"], "kid": "x"}]}', "no public RSA"),
        (b'{"keys": [{"kty": "EC", "crv": "P-256", "kid": "x", "x": 1, "y": 2}]}', "no public RSA"),
        (b" " * (256 * 1024 + 1), "larger than"),
        (jwks(KEYS["ES256"], private=True), "no public RSA"),
        (jwks(ECKey.generate_key("P-384", {"kid": "a"}), OKPKey.generate_key("X25519", {"kid": "b"})), "no public RSA"),
        (jwks(ECKey.generate_key("P-256", {"kid": "a", "use": "enc"})), "no public RSA"),
    ],
    ids=[
        "empty",
        "no UTF-8",
        "deep",
        "a list",
        "keys no list",
        "too many",
        "no keys",
        "no objects",
        "numbers",
        "too large",
        "private",
        "other curves",
        "for encryption",
    ],
)
def test_documents_without_a_key_for_us(document, said):
    with pytest.raises(UnreadableKeys, match=said):
        read_jwks(document)

"""Objects have each key once, whatever the keys and texts hold; everything else reads as orjson reads it."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_contracts import BadMessage, Codec, Keyrings
from concord_contracts.strict_json import DuplicateKey, loads

TEXTS = st.text(st.sampled_from('a:"\\\u00e9u003'), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_whatever_has_each_key_once_is_read(value, ascii_only, indent):
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert loads(raw) == orjson.loads(raw)


@given(TEXTS, VALUES, VALUES, st.booleans())
def test_a_key_twice_is_refused_at_any_depth(key, first, second, escaped):
    name = json.dumps(key)
    again = '"' + "".join(f"\\u{ord(letter):04x}" for letter in key) + '"' if escaped else name
    raw = f'[{{"x": {{{name}: {json.dumps(first)}, {again}:{json.dumps(second)}}}}}]'.encode()
    with pytest.raises(DuplicateKey):
        loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":1,"a":"\\u003a"}',
        b'{"a":"\\u003A","b":{"c":1,"c":1}}',
        b'{"a:":":","a:":"::"}',
        b'{"a":' + b"[" * 1000 + b"]" * 1000 + b',"a":1}',
    ],
)
def test_a_dropped_value_cannot_hide_behind_colons(raw):
    with pytest.raises(DuplicateKey):
        loads(raw)


@pytest.mark.parametrize("raw", [b'{"a":"\\u003a"}', b"123456789012345678901234567890", b'{"a":' + b"9" * 5000 + b"}"])
def test_what_looks_odd_and_is_not(raw):
    try:
        expected = orjson.loads(raw)
    except orjson.JSONDecodeError:
        with pytest.raises(orjson.JSONDecodeError):
            loads(raw)
    else:
        assert loads(raw) == expected


def test_the_bus_refuses_it_without_quoting_it():
    with pytest.raises(BadMessage, match=r"invalid JSON: an object has a key twice$") as refused:
        Codec(Keyrings({})).decode(b'{"specversion":"1.0","rosa@example.org":1,"rosa@example.org":2}')
    assert "rosa" not in str(refused.value)

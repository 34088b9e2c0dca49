"""The address of the HTTP server, as people write it."""

import pytest

from concord_access.http_settings import HttpSettings


@pytest.mark.parametrize(
    ("text", "host"), [("", "127.0.0.1"), ("::1", "::1"), (" [::1] ", "::1"), ("0.0.0.0", "0.0.0.0")]
)
def test_an_ipv6_address_may_have_the_brackets_of_a_url(text: str, host: str) -> None:
    assert HttpSettings.from_env({"CONCORD_HTTP_HOST": text}, 8080).host == host

"""The code flow as values: the attempt, the provider's answer, its groups, and the settings."""

import pytest

from concord_access.domain.sign_in import (
    Attempt,
    Provider,
    ProviderUnavailable,
    SignInRefused,
    authorization_url,
    check_answer,
    groups_in,
    new_attempt,
    read_attempt,
    read_provider,
    subject_of,
)
from concord_access.oidc_settings import DeskSettings
from concord_bus.settings import SettingsError

ISSUER = "https://login.city.example.org"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth?tenant=1",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "id_token_signing_alg_values_supported": ["HS256", "ES256", "none", "RS256"],
}
PROVIDER = read_provider(METADATA, ISSUER)
ENV = {
    "CONCORD_DESK_URL": "https://desk.city.example.org/",
    "CONCORD_OIDC_ISSUER": ISSUER,
    "CONCORD_OIDC_CLIENT_ID": "concord",
    "CONCORD_OIDC_CLIENT_SECRET": "a+b%c/d",
}


def test_the_challenge_is_that_of_the_standard() -> None:
    attempt = Attempt("s", "n", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_an_attempt_survives_its_cookie() -> None:
    attempt = new_attempt()
    assert read_attempt(attempt.write()) == attempt
    assert new_attempt() != attempt
    assert [read_attempt(text) for text in ("", "a.b.c", attempt.write() + ".x")] == [None, None, None]


def test_the_address_of_the_providers_page() -> None:
    url = authorization_url(PROVIDER, "concord", "https://desk.example.org/desk/signed-in", "openid", Attempt(*"snv"))
    assert url.startswith(f"{ISSUER}/auth?tenant=1&response_type=code&client_id=concord&")
    assert "code_challenge_method=S256" in url
    assert "state=s&nonce=n&" in url
    assert "verifier" not in url


def test_only_public_key_algorithms_are_taken() -> None:
    assert PROVIDER.algorithms == ("RS256", "ES256")
    with pytest.raises(ProviderUnavailable, match="none of RS256"):
        read_provider(METADATA | {"id_token_signing_alg_values_supported": ["none", "HS256"]}, ISSUER)


@pytest.mark.parametrize(
    "wrong", [None, [], METADATA | {"issuer": ISSUER + "/"}, METADATA | {"token_endpoint": 1}, {"issuer": ISSUER}]
)
def test_wrong_metadata_is_no_provider(wrong: object) -> None:
    with pytest.raises(ProviderUnavailable):
        read_provider(wrong, ISSUER)


def test_an_answer_belongs_to_the_browser_that_asked() -> None:
    attempt = new_attempt()
    assert check_answer(PROVIDER, attempt, attempt.state, None) == attempt
    for mine, state in ((None, attempt.state), (attempt, None), (attempt, "x"), (new_attempt(), attempt.state)):
        with pytest.raises(SignInRefused, match="state"):
            check_answer(PROVIDER, mine, state, ISSUER)


def test_an_answer_of_another_provider_is_refused() -> None:
    attempt = new_attempt()
    named = Provider(*["x"] * 4, algorithms=("ES256",), names_issuer=True)
    for provider, issuer in ((PROVIDER, "https://evil.example.org"), (named, None)):
        with pytest.raises(SignInRefused, match="iss"):
            check_answer(provider, attempt, attempt.state, issuer)


@pytest.mark.parametrize("subject", [None, 7, "", "rosa@example.org", "Rosa Diaz", "x" * 129])
def test_a_subject_is_an_opaque_id(subject: object) -> None:
    with pytest.raises(SignInRefused):
        subject_of({"sub": subject})


def test_groups() -> None:
    assert groups_in({}, "groups") is None
    assert groups_in({"groups": "one"}, "groups") == {"one"}
    assert groups_in({"g": ["a", "b", "x" * 500]}, "g") == {"a", "b"}
    for wrong in ({}, [1], ["x"] * 1001):
        with pytest.raises(SignInRefused):
            groups_in({"groups": wrong}, "groups")


def test_settings() -> None:
    desk = DeskSettings.from_env(ENV)
    assert desk is not None
    assert desk.provider is not None
    assert (desk.url, desk.provider.client_secret) == ("https://desk.city.example.org", "a+b%c/d")
    assert "a+b" not in repr(desk)
    assert DeskSettings.from_env({}) is None
    alone = DeskSettings.from_env({"CONCORD_DESK_URL": "http://127.0.0.1:8081"})
    assert alone is not None
    assert alone.provider is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"CONCORD_DESK_URL": ""}, "CONCORD_DESK_URL"),
        ({"CONCORD_DESK_URL": "http://desk.city.example.org"}, "CONCORD_DESK_URL"),
        ({"CONCORD_DESK_URL": "https://desk.city.example.org/desk"}, "CONCORD_DESK_URL"),
        ({"CONCORD_OIDC_ISSUER": "http://login.city.example.org"}, "CONCORD_OIDC_ISSUER"),
        ({"CONCORD_OIDC_CLIENT_SECRET": ""}, "CONCORD_OIDC_CLIENT_SECRET"),
        ({"CONCORD_OIDC_SCOPES": "groups"}, "CONCORD_OIDC_SCOPES"),
    ],
)
def test_a_wrong_setting_is_named(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        DeskSettings.from_env(ENV | change)

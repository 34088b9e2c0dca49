"""Sign-in against a certified provider: its discovery, its pages, its tokens."""

import pytest
from oidc_provider import DESK, REDIRECT, SECRET, Browser, RunningProvider

from concord_access.adapters.identity_provider import Client, IdentityProvider
from concord_access.domain.sign_in import ProviderUnavailable, SignInRefused, new_attempt

CLIENT = Client("concord-desk", SECRET, REDIRECT)


def signed_in(provider: RunningProvider, browser: Browser, desk: IdentityProvider, name: str = "7f3a.police-d4"):
    attempt = new_attempt()
    return desk.finish(browser.sign_in(desk.sign_in_url(attempt), name), attempt)


@pytest.mark.parametrize("provider", [False, True], indirect=True, ids=["groups in the ID token", "in userinfo"])
def test_an_officer_signs_in_with_groups(provider: RunningProvider, browser: Browser) -> None:
    """The secret holds + % / and a space: the provider takes it as we encode it."""
    officer = signed_in(provider, browser, IdentityProvider(provider.issuer, CLIENT), "7f3a.police-d4.choir")
    assert (officer.subject, officer.groups) == ("user:7f3a.police-d4.choir", {"police-d4", "choir"})


def test_a_code_works_once_and_for_its_browser_alone(provider: RunningProvider, browser: Browser) -> None:
    desk = IdentityProvider(provider.issuer, CLIENT)
    attempt = new_attempt()
    answer = browser.sign_in(desk.sign_in_url(attempt), "7f3a")
    with pytest.raises(SignInRefused, match="state"):
        desk.finish(answer, new_attempt())
    with pytest.raises(SignInRefused, match="state"):
        desk.finish(answer, None)
    with pytest.raises(SignInRefused, match="iss"):
        desk.finish(answer | {"iss": "https://evil.example.org"}, attempt)
    assert desk.finish(answer, attempt).groups == frozenset()
    with pytest.raises(SignInRefused, match="used before"):
        desk.finish(answer, attempt)


def test_a_code_needs_the_verifier_of_its_attempt(provider: RunningProvider, browser: Browser) -> None:
    desk = IdentityProvider(provider.issuer, CLIENT)
    attempt, other = new_attempt(), new_attempt()
    answer = browser.sign_in(desk.sign_in_url(attempt), "7f3a")
    stolen = type(attempt)(attempt.state, attempt.nonce, other.verifier)
    with pytest.raises(SignInRefused, match="the code is not valid"):
        desk.finish(answer, stolen)


def test_a_token_of_another_attempt_is_refused(provider: RunningProvider, browser: Browser) -> None:
    desk = IdentityProvider(provider.issuer, CLIENT)
    attempt, other = new_attempt(), new_attempt()
    answer = browser.sign_in(desk.sign_in_url(attempt), "7f3a")
    with pytest.raises(SignInRefused, match="nonce"):
        desk.finish(answer, type(attempt)(attempt.state, other.nonce, attempt.verifier))


def test_a_wrong_secret_is_the_citys_fault_and_not_the_officers(provider: RunningProvider, browser: Browser) -> None:
    desk = IdentityProvider(provider.issuer, Client("concord-desk", SECRET + "x", REDIRECT))
    with pytest.raises(ProviderUnavailable, match="invalid_client"):
        signed_in(provider, browser, desk)


def test_an_officer_who_refuses_is_not_signed_in(provider: RunningProvider) -> None:
    desk = IdentityProvider(provider.issuer, CLIENT)
    attempt = new_attempt()
    with pytest.raises(SignInRefused, match="access_denied"):
        desk.finish({"state": attempt.state, "iss": provider.issuer, "error": "access_denied"}, attempt)


def test_keys_that_the_provider_rotates_are_read_again(provider: RunningProvider, browser: Browser) -> None:
    time = [0.0]
    desk = IdentityProvider(provider.issuer, CLIENT, now=lambda: time[0])
    signed_in(provider, browser, desk)
    provider.restart()
    time[0] = 61.0
    assert signed_in(provider, Browser(), desk).subject == "user:7f3a.police-d4"


def test_a_provider_that_is_away(provider: RunningProvider) -> None:
    time = [0.0]
    known = IdentityProvider(provider.issuer, CLIENT, now=lambda: time[0])
    attempt = new_attempt()
    known.sign_in_url(attempt)
    provider.stop()
    unknown = IdentityProvider(provider.issuer, CLIENT)
    with pytest.raises(ProviderUnavailable):
        unknown.sign_in_url(attempt)
    assert unknown.sign_out_url(DESK) is None
    time[0] = 7200.0
    answer = {"state": attempt.state, "iss": provider.issuer, "code": "x"}
    with pytest.raises(ProviderUnavailable):
        known.finish(answer, attempt)


def test_another_issuer_at_the_address_is_no_provider(provider: RunningProvider) -> None:
    with pytest.raises(ProviderUnavailable):
        IdentityProvider(provider.issuer.replace("127.0.0.1", "localhost"), CLIENT).sign_in_url(new_attempt())


def test_sign_out_is_a_page_of_the_provider_that_asks(provider: RunningProvider, browser: Browser) -> None:
    url = IdentityProvider(provider.issuer, CLIENT).sign_out_url(f"{DESK}/desk/signed-out")
    assert url is not None
    assert "<form" in browser.open(url)[1]

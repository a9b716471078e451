"""Every webhook carries a signature that the official validator accepts, and only for what was signed."""

import pytest
from twilio.request_validator import RequestValidator

from apps.sandbox.signature import sign, signed_url

from .world import TOKEN, World


def test_the_published_example_is_signed_as_published():
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    assert sign("12345", "https://example.com/myapp.php?foo=1&bar=2", form) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://h.example/x?a=1#rc=2", "https://h.example/x?a=1"),
        ("https://user:word@h.example:8443/x", "https://h.example/x"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
    ],
)
def test_what_of_the_address_is_signed(url, signed):
    assert signed_url(url) == signed


def test_every_request_of_a_call_is_signed(world: World):
    world.app.answers["/voice"] = "<Gather numDigits='1' action='/menu?x=1&amp;y=%20z'/>"
    world.app.answers["/menu"] = "<Redirect method='GET'>/last?name=J%C3%BCrgen+M</Redirect>"
    world.app.answers["/last"] = "<Say>Grüß Gott</Say>"
    sid = world.dial_in()
    world.press(sid, "1")
    world.advance(5)
    assert [asked.path for asked in world.app.asked] == ["/voice", "/menu", "/last", "/status"]
    assert all(asked.signed for asked in world.app.asked)


def test_another_parameter_host_or_token_is_not_what_was_signed(world: World):
    world.app.answers["/voice"] = "<Say>Hello</Say>"
    world.dial_in()
    asked = world.app.asked[0]
    header = asked.headers["X-Twilio-Signature"]
    check = RequestValidator(TOKEN).validate
    assert check(asked.url, asked.params, header)
    assert not check(asked.url, asked.params | {"From": "+15550100666"}, header)
    assert not check(asked.url.replace("127.0.0.1", "localhost"), asked.params, header)
    assert not RequestValidator("other").validate(asked.url, asked.params, header)

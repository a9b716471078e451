import pytest

from callcenter.log import mask, mask_event


@pytest.mark.parametrize("number", ["+14155550123", "+442071838750", "+4915112345678", "14155550123"])
def test_a_phone_number_never_stands_whole_in_a_log_line(number):
    shown = mask(f"calling {number} now")

    assert number not in shown
    assert number.removeprefix("+")[3:-2] not in shown
    assert shown.endswith("now")
    assert shown.startswith("calling ")


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-11-21T10:53:49.517164Z",
        "took 12.345678 s",
        "pid 12999",
        "call 0193f0a2-7c1e-7d3b-9a51-3f2e4c5d6b7a",
        "port 8000",
    ],
)
def test_other_figures_stay_readable(harmless):
    assert mask(harmless) == harmless


def test_tokens_are_taken_out_wherever_they_stand():
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpZGVudGl0eSI6Im9wXzEifQ.c2lnbmF0dXJl"

    assert jwt not in mask(f"device token {jwt}")
    assert "abcdefgh12345" not in mask("Authorization: Bearer abcdefgh12345")
    assert mask("POST /carrier/wait/01a1fde682d1.X7wO1OsmVTf-suN") == "POST /carrier/wait/***"
    assert "hunter2" not in mask("redis://:hunter2@127.0.0.1:6379/0")


def test_secrets_are_masked_by_their_name_in_nested_values_too():
    event = {"event": "sent", "auth_token": "s3cret", "params": {"Digits": "1234", "From": "+14155550123"}, "count": 3}

    shown = mask_event(None, "info", event)

    assert shown["auth_token"] == "***"
    assert shown["params"]["Digits"] == "***"
    assert shown["params"]["From"] == "+14*****23" or "+14155550123" not in shown["params"]["From"]
    assert shown["count"] == 3

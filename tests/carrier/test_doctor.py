"""The doctor and the `carrier` command, with the real sandbox as the patient."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.carrier import callbacks, services
from apps.carrier.client import get_port
from tests.carrier.conftest import CREDENTIALS
from tests.factories import PhoneNumberFactory, WebhookDeliveryFactory

NUMBER = "+14155550100"


def told(**options) -> str:
    out = io.StringIO()
    call_command("carrier", "doctor", stdout=out, no_color=True, **options)
    return out.getvalue()


def test_the_doctor_is_content_after_provisioning(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    services.provision()
    findings = services.doctor()
    assert "error" not in {finding.level for finding in findings}
    words = " ".join(finding.words for finding in findings)
    assert "The carrier accepts our account and token." in words
    assert "+1 415-555-0100 (Main) is answered here." in words
    assert "Calls that desks begin are answered here." in words


def test_the_doctor_sets_the_addresses_unless_told_only_to_look(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    get_port().buy_number(NUMBER, name="Main")
    with pytest.raises(CommandError, match="2 things to put right"):
        told(only_look=True)
    assert carrier.get("/sandbox/numbers")[0]["voice_url"] == ""
    said = told()
    assert "Set the addresses of +1 415-555-0100." in said
    assert "Calls can come and go." in said
    assert carrier.get("/sandbox/numbers")[0]["voice_url"] == callbacks.voice()


def errors() -> str:
    return " ".join(f"{f.words} {f.what_to_do}" for f in services.doctor() if f.level == "error")


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_TWIML_APP_SID"])
def test_the_doctor_names_a_setting_that_is_missing_or_looks_wrong(carrier, settings, name):
    setattr(settings, name, "")
    assert f"{name} is empty" in errors()
    if name != "TWILIO_AUTH_TOKEN":
        setattr(settings, name, "XX1")
        assert f"{name} does not look like one" in errors()


@pytest.mark.parametrize(
    "base", ["http://calls.example.com", "https://localhost", "https://10.0.0.1", "https://calls", "https://127.0.0.1"]
)
def test_the_doctor_knows_an_address_that_the_carrier_cannot_reach(carrier, settings, base):
    settings.CARRIER = "twilio"
    settings.PUBLIC_BASE_URL = base
    assert "The carrier cannot reach us" in errors()
    settings.PUBLIC_BASE_URL = ""
    assert "PUBLIC_BASE_URL is empty" in errors()


def test_the_doctor_says_that_nobody_answers(carrier, settings):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"
    assert any("Nobody answers at http://127.0.0.1:9" in finding.words for finding in services.doctor())


def test_the_doctor_sees_a_wrong_token(carrier, settings):
    settings.TWILIO_AUTH_TOKEN = "2" * 32
    assert "does not accept our account and token" in errors()
    out = io.StringIO()
    with pytest.raises(CommandError, match="carrier doctor"):
        call_command("carrier", "provision", stdout=out)


def test_the_doctor_sees_numbers_that_do_not_fit(carrier, company, desk, settings):
    settings.CARRIER = "twilio"
    settings.PUBLIC_BASE_URL = "https://calls.example.com"
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    stray = get_port().buy_number("+14155550177", name="Stray")
    port = get_port()
    port.set_number_urls(
        stray, voice_url=callbacks.voice(), fallback_url=callbacks.fallback(), status_url=callbacks.number_status()
    )
    said = errors()
    assert "+1 415-555-0100 (Main) is not among the account's numbers" in said
    assert "Calls to +1 415-555-0177 come to us, but we do not know the number" in said


def test_the_doctor_sees_a_number_that_leads_to_something_switched_off(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    services.provision()
    desk.active = False
    desk.save()
    assert "which is switched off" in errors()


def test_the_doctor_sees_an_application_that_is_not_there(carrier, settings):
    settings.TWILIO_TWIML_APP_SID = "AP" + "9" * 32
    assert "has no application of the identifier" in errors()


def test_the_doctor_reads_the_last_days_signatures(carrier):
    WebhookDeliveryFactory(verdict="forged", key=None)
    assert "all 1 signed requests had a wrong signature" in errors()
    WebhookDeliveryFactory(verdict="accepted")
    WebhookDeliveryFactory(verdict="failed", key=None)
    warnings = " ".join(finding.words for finding in services.doctor() if finding.level == "warning")
    assert "1 requests had a wrong signature" in warnings
    assert "1 requests of the carrier failed here" in warnings


def test_the_doctor_shows_no_secret(carrier, capsys):
    with pytest.raises(CommandError):
        told(only_look=True)
    out = capsys.readouterr().out
    for secret in (CREDENTIALS["auth_token"], CREDENTIALS["api_secret"]):
        assert secret not in out

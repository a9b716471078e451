import pytest
from django.core.exceptions import ImproperlyConfigured

from callcenter import checks

GOOD_KEY = "kX9-vQ2_mB7zLr4TnW8sYc1HdJf6GpAo3EuRi5ZtVbNxMqCwSy0lKe"
SID = "0123456789abcdef" * 2


@pytest.fixture
def production(settings):
    """Settings that production accepts; each test spoils one."""
    settings.CALLCENTER_ENV = "production"
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.SECRET_KEY = GOOD_KEY
    settings.ALLOWED_HOSTS = ["calls.example.com"]
    settings.METRICS_TOKEN = "token"
    settings.DATABASE_URL = "postgresql://callcenter:x@db.example.com:5432/callcenter"
    settings.REDIS_URL = "redis://valkey.example.com:6379/0"
    settings.CARRIER = "twilio"
    settings.CARRIER_BASE_URL = ""
    settings.PUBLIC_BASE_URL = "https://calls.example.com"
    settings.TWILIO_ACCOUNT_SID = f"AC{SID}"
    settings.TWILIO_AUTH_TOKEN = "secret"
    settings.TWILIO_API_KEY = f"SK{SID}"
    settings.TWILIO_API_SECRET = "secret"
    settings.TWILIO_TWIML_APP_SID = f"AP{SID}"
    return settings


def found() -> set[str]:
    messages = [*checks.check_environment(None), *checks.check_carrier(None), *checks.check_production(None)]
    assert all(message.hint for message in messages)
    return {message.id for message in messages}


def test_good_production_settings_have_no_findings_and_may_start(production):
    assert found() == set()
    checks.refuse_unsafe_start()


@pytest.mark.parametrize(
    ("setting", "value", "finding"),
    [
        ("SECRET_KEY", "missing", "E010"),
        ("SECRET_KEY", "a" * 60, "E010"),
        ("SECRET_KEY", "django-insecure-" + GOOD_KEY, "E010"),
        ("DEBUG", True, "E011"),
        ("ALLOWED_HOSTS", ["*"], "E012"),
        ("ALLOWED_HOSTS", [".example.com"], "E012"),
        ("ALLOWED_HOSTS", [], "E012"),
        ("CARRIER", "sandbox", "E013"),
        ("CARRIER_BASE_URL", "http://127.0.0.1:8100", "E014"),
        ("DATABASE_URL", "postgresql://callcenter@127.0.0.1:1/callcenter", "E015"),
        ("PUBLIC_BASE_URL", "http://calls.example.com", "E005"),
        ("PUBLIC_BASE_URL", "", "E005"),
        ("TWILIO_AUTH_TOKEN", "", "E003"),
        ("TWILIO_ACCOUNT_SID", "AC123", "E004"),
        ("CARRIER", "twillio", "E002"),
        ("CALLCENTER_ENV", "prod", "E001"),
    ],
)
def test_production_refuses_to_start_with(production, setting, value, finding):
    setattr(production, setting, value)

    assert f"callcenter.{finding}" in found()
    with pytest.raises(ImproperlyConfigured):
        checks.refuse_unsafe_start()


def test_the_demo_needs_nothing(settings):
    assert settings.CARRIER == "sandbox"
    assert found() == set()


def test_half_a_carrier_is_refused_in_the_demo_too(settings):
    settings.CARRIER = "twilio"
    settings.TWILIO_API_KEY = ""

    assert {"callcenter.E003"} <= found()


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("GLOBAL_MAX_CALLS", 0, "callcenter.E018"), ("BOT_WARMUP_RETRIES", 0, "callcenter.E018"),
        ("CLEANUP_INTERVAL", 0, "callcenter.E018"), ("SUBSEQUENT_CALL_WAIT", -1, "callcenter.E018"),
        ("ORPHAN_DETECTION_THRESHOLD", 30_000, "callcenter.E019"),
    ],
)  # fmt: skip
def test_a_limit_of_zero_and_times_that_exclude_each_other_are_named(settings, name, value, found):
    assert checks.check_dialer(None) == []
    setattr(settings, name, value)

    [fault] = checks.check_dialer(None)
    assert (fault.id, name in fault.msg) == (found, True)
    assert fault.hint

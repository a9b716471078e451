import pytest

from tests.carrier import doors


@pytest.fixture(autouse=True)
def _known_account(settings):
    """An account of the tests' own, whatever the environment says."""
    settings.TWILIO_ACCOUNT_SID = "AC" + "1" * 32
    settings.TWILIO_AUTH_TOKEN = "token-of-the-tests"
    settings.TWILIO_AUTH_TOKEN_PREVIOUS = ""
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    settings.CARRIER_ALLOWED_COUNTRIES = ["US", "CA"]


@pytest.fixture
def house(settings, db):
    """Our doors, open for the carrier; `house.acts["voice"] = lambda event: [...]` says what one does."""
    settings.ROOT_URLCONF = "tests.carrier.doors"
    doors.acts.clear()
    doors.ran.clear()
    yield doors
    doors.acts.clear()
    doors.ran.clear()

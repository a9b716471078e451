import pytest
from django.test import Client as Browser

from apps.carrier.client import get_port
from apps.carrier.models import CarrierRequest
from tests.carrier import doors
from tests.factories import ClientFactory, EndingFactory, UserFactory
from tests.support.sandbox import Sandbox

CREDENTIALS = {
    "account_sid": "AC" + "1" * 32,
    "auth_token": "1" * 32,
    "api_key": "SK" + "1" * 32,
    "api_secret": "secret-of-the-tests-which-is-long-enough-to-sign",
    "app_sid": "AP" + "1" * 32,
}


@pytest.fixture(autouse=True)
def _known_account(settings):
    """An account of the tests' own, whatever the environment says."""
    settings.CARRIER = "sandbox"
    settings.TWILIO_ACCOUNT_SID = CREDENTIALS["account_sid"]
    settings.TWILIO_AUTH_TOKEN = CREDENTIALS["auth_token"]
    settings.TWILIO_AUTH_TOKEN_PREVIOUS = ""
    settings.TWILIO_API_KEY = CREDENTIALS["api_key"]
    settings.TWILIO_API_SECRET = CREDENTIALS["api_secret"]
    settings.TWILIO_TWIML_APP_SID = CREDENTIALS["app_sid"]
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


@pytest.fixture(scope="session")
def sandbox():
    sandbox = Sandbox.start(**CREDENTIALS)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def carrier(sandbox, settings, transactional_db):
    """The sandbox as our carrier, with nothing set up at it yet."""
    settings.CARRIER_BASE_URL = sandbox.url
    # The sandbox itself answers there, though not as our site.
    settings.PUBLIC_BASE_URL = sandbox.url
    sandbox.reset()
    get_port().set_application_urls(CREDENTIALS["app_sid"], voice_url="", fallback_url="", status_url="")
    CarrierRequest.objects.all().delete()
    return sandbox


@pytest.fixture
def company(db):
    return ClientFactory(name="Northline Freight", country="US")


@pytest.fixture
def desk(company):
    """A destination that takes calls."""
    return EndingFactory(client=company).destination


@pytest.fixture
def admin(db):
    """An administrator's browser."""
    browser = Browser()
    browser.force_login(UserFactory(role="administrator", is_staff=True))
    return browser

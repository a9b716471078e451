import datetime
import io
import re

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.core import clock, roles
from apps.core.models import Event
from apps.integrations import services as integrations
from apps.integrations.models import ApiKey
from tests.factories import ClientFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen():
    clock.freeze()
    yield
    clock.release()


def get(secret: str, word: str = "Bearer"):
    return APIClient(HTTP_AUTHORIZATION=f"{word} {secret}").get("/api/v1/clients/")


def test_a_key_opens_the_api_with_the_rights_of_its_user():
    client = ClientFactory()
    ClientFactory()
    user = UserFactory(role=roles.READ_ONLY, clients=[client])
    _key, secret = integrations.make_key("reports", user)
    reply = get(secret)
    assert [row["name"] for row in reply.json()["results"]] == [client.name]
    assert get(secret, "bearer").status_code == 200
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}").post("/api/v1/clients/", {"name": "x"}).status_code == 403


def test_the_key_itself_is_not_kept():
    key, secret = integrations.make_key("reports", UserFactory())
    stored = ApiKey.objects.filter(pk=key.pk).values().get()
    random = secret.split("_", 2)[2]
    assert all(random not in str(value) for value in stored.values())
    assert all(random not in str(event.data) for event in Event.objects.all())


@pytest.mark.parametrize("spoil", [
    lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"),
    lambda secret: secret + "A",
    lambda secret: secret.replace("cc_", "xx_"),
    lambda secret: "cc_000000000000_" + secret[16:],
    lambda secret: "",
    lambda secret: "cc_é",
    lambda secret: "nonsense with spaces",
])  # fmt: skip
def test_a_wrong_key_opens_nothing(spoil):
    _key, secret = integrations.make_key("reports", UserFactory(role=roles.ADMINISTRATOR))
    reply = get(spoil(secret).encode().decode("latin-1"))
    assert reply.status_code == 401
    assert reply.json() == {
        "code": "authentication_failed", "fields": {},
        "detail": "This API key is not valid: mistyped, expired or revoked.",
    }  # fmt: skip
    assert reply["WWW-Authenticate"] == "Bearer"


def test_without_a_key_the_answer_is_401_and_not_a_login_page():
    reply = APIClient().get("/api/v1/clients/")
    assert (reply.status_code, reply["WWW-Authenticate"]) == (401, "Bearer")


def test_an_expired_a_revoked_and_a_leavers_key_open_nothing(frozen):
    user = UserFactory(role=roles.ADMINISTRATOR)
    expiring, expired = integrations.make_key("a", user, expires_at=clock.now() + datetime.timedelta(hours=1))
    revoking, revoked = integrations.make_key("b", user)
    _kept, kept = integrations.make_key("c", user)
    assert [get(secret).status_code for secret in (expired, revoked, kept)] == [200, 200, 200]
    clock.advance(3600)
    integrations.revoke_key(revoking)
    integrations.revoke_key(revoking)
    assert [get(secret).status_code for secret in (expired, revoked, kept)] == [401, 401, 200]
    assert Event.objects.filter(kind="integrations.key_revoked").count() == 1
    user.is_active = False
    user.save()
    assert get(kept).status_code == 401
    assert expiring.pk


def test_its_use_is_noted_once_a_minute(frozen):
    key, secret = integrations.make_key("reports", UserFactory(role=roles.ADMINISTRATOR))
    get(secret)
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    assert first == clock.now()
    clock.advance(59)
    get(secret)
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    clock.advance(2)
    get(secret)
    assert ApiKey.objects.get(pk=key.pk).last_used_at == clock.now()


def test_the_command_prints_a_key_that_works():
    UserFactory(username="robot", role=roles.ADMINISTRATOR)
    out = io.StringIO()
    call_command("api_key", "reports", "--user", "robot", "--days", "30", stdout=out)
    secret = out.getvalue().strip()
    assert re.fullmatch(r"cc_[0-9a-f]{12}_[\w-]{43}", secret)
    assert get(secret).status_code == 200
    assert ApiKey.objects.get().expires_at is not None


def test_the_command_says_what_to_do_about_an_unknown_user():
    with pytest.raises(CommandError, match="There is no active user robot"):
        call_command("api_key", "reports", "--user", "robot")
    assert not ApiKey.objects.exists()


def test_the_admin_shows_a_new_key_once_and_revokes_it(admin_client, admin_user):
    form = {"name": "reports", "user": admin_user.pk, "expires_at_0": "", "expires_at_1": ""}
    page = admin_client.post("/admin/integrations/apikey/add/", form, follow=True).content.decode()
    secret = re.search(r"cc_[0-9a-f]{12}_[\w-]{43}", page)[0]
    assert get(secret).status_code == 200
    key = ApiKey.objects.get()
    for address in ("/admin/integrations/apikey/", f"/admin/integrations/apikey/{key.pk}/change/"):
        assert secret not in admin_client.get(address).content.decode()
    admin_client.post("/admin/integrations/apikey/", {"action": "revoke", "_selected_action": [key.pk]})
    assert get(secret).status_code == 401

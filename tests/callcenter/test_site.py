import pytest

from callcenter import unfold

ADMIN, PAGE = "/admin/login/", "/nowhere/"


def policy(reply) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in reply["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in parts}


@pytest.mark.django_db
def test_scripts_come_from_this_site_alone_and_only_the_admin_may_evaluate(client):
    strict, admin = policy(client.get(PAGE)), policy(client.get(ADMIN))

    assert strict["default-src"] == "'self'"
    assert "script-src" not in strict
    assert strict["frame-ancestors"] == strict["object-src"] == "'none'"
    assert admin["script-src"] == "'self' 'unsafe-eval'"
    assert "unsafe-inline" not in admin["script-src"]


def test_the_pages_may_speak_to_the_sandbox_over_its_socket(client, settings):
    allowed = policy(client.get(PAGE))["connect-src"].split()

    assert allowed == [
        "'self'",
        settings.CARRIER_BASE_URL,
        settings.CARRIER_BASE_URL.replace("http", "ws", 1),
    ]


def test_a_missing_page_says_so_to_people_and_to_programs(client):
    page, api = client.get(PAGE), client.get("/api/v1/nowhere/")

    assert page.status_code == api.status_code == 404
    assert "There is nothing here" in page.content.decode()
    assert "<style" not in page.content.decode()
    assert api.json()["code"] == "not_found"


def test_a_stale_form_is_answered_with_a_sentence():
    from django.test import Client

    reply = Client(enforce_csrf_checks=True).post("/login/", {"username": "admin"})

    assert reply.status_code == 403
    assert "Not for your role" not in reply.content.decode()
    assert "reload" in reply.content.decode().lower()


@pytest.mark.django_db
def test_the_api_is_described_and_its_page_loads_nothing_from_elsewhere(client):
    schema, page = client.get("/api/schema/"), client.get("/api/docs/")

    assert schema.status_code == page.status_code == 200
    assert b"https://" not in page.content
    assert b"<script>" not in page.content
    assert policy(page)["style-src"] == "'self' 'unsafe-inline'"


@pytest.mark.django_db
def test_the_admin_shows_only_what_the_role_may_see(client, django_user_model):
    from django.contrib.auth.models import Group

    user = django_user_model.objects.create_user("reader", is_staff=True)
    user.groups.add(Group.objects.get(name="quality"))
    client.force_login(user)

    page = client.get("/admin/").content.decode()

    assert "/admin/calls/call/" in page
    assert "/admin/integrations/apikey/" not in page
    assert "/admin/core/user/" not in page


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/admin/", "Today"), ("/admin/queues/callback/", "Callbacks"), ("/admin/routing/rule/3/change/", "Rules"),
        ("/admin/routing/rule/what-if/queue/", "What if?"), ("/admin/routing/rule/try/", "Try a sample call"),
        ("/admin/password_change/", None),
    ],
)  # fmt: skip
def test_the_side_menu_marks_the_one_entry_of_the_page(rf, admin_user, path, here):
    request = rf.get(path)
    request.user = admin_user

    entries = [entry for section in unfold.navigation(request) for entry in section["items"]]

    assert [entry["title"] for entry in entries if entry["active"]] == ([here] if here else [])


@pytest.mark.django_db
def test_a_manager_is_greeted_by_the_state_of_the_phones_and_the_next_steps(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("boss"))

    page = client.get("/admin/").content.decode()

    assert "Calls in progress" in page
    assert "Before the first call" in page
    assert "Make a queue" in page


@pytest.mark.django_db
def test_who_may_not_watch_the_board_sees_no_figures(client, django_user_model):
    user = django_user_model.objects.create_user("auditor", is_staff=True)
    client.force_login(user)

    assert "Calls in progress" not in client.get("/admin/").content.decode()

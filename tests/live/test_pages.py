import re

import pytest
from django.contrib.staticfiles import finders

from apps.core.models import User
from tests.factories import ClientFactory, OperatorFactory, UserFactory

pytestmark = pytest.mark.django_db


def page(client, user, path):
    if user is not None:
        client.force_login(user)
    return client.get(path)


@pytest.mark.parametrize("path", ["/", "/desk/", "/board/"])
def test_a_stranger_is_asked_to_sign_in(client, path):
    reply = page(client, None, path)

    assert reply.status_code == 302
    assert reply.url == f"/login/?next={path}"


def test_an_operator_goes_straight_to_the_desk(client):
    assert page(client, OperatorFactory().user, "/").url == "/desk/"


def test_who_watches_the_board_and_has_no_admin_goes_straight_to_the_board(client):
    watcher = UserFactory(role="read-only")
    User.objects.filter(pk=watcher.pk).update(is_staff=False)

    assert page(client, watcher, "/").url == "/board/"


def test_an_administrator_chooses(client):
    admin = UserFactory(role="administrator", is_staff=True)

    text = page(client, admin, "/").content.decode()

    assert all(f'href="{path}"' in text for path in ("/board/", "/admin/", "/api/docs/"))
    assert 'href="/desk/"' not in text


def test_an_operator_may_not_open_the_board(client):
    assert page(client, OperatorFactory().user, "/board/").status_code == 403


def test_who_is_no_operator_reads_why_there_is_no_desk(client):
    reply = page(client, UserFactory(role="supervisor"), "/desk/")

    assert reply.status_code == 403
    assert "The desk is for operators" in reply.content.decode()


@pytest.mark.parametrize("path", ["/login/", "/", "/desk/", "/board/"])
def test_pages_keep_to_the_strict_policy_and_name_only_files_that_exist(client, path):
    client_row = ClientFactory()
    user = OperatorFactory(
        user=UserFactory(role="administrator", is_staff=True, clients=[client_row]), team__client=client_row
    ).user

    reply = page(client, None if path == "/login/" else user, path)

    text = reply.content.decode()
    assert reply.status_code == 200
    assert "unsafe" not in reply["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text)
    files = re.findall(r'(?:src|href)="/static/([^"#]+)', text)
    assert files
    assert [file for file in files if finders.find(file) is None] == []

import threading

import pytest
from django.db import connection

from apps.core import clock, roles
from apps.core.models import Event
from apps.notify import services as notify
from apps.notify.models import Notice
from tests.factories import ClientFactory, NoticeFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen():
    clock.freeze()
    yield
    clock.release()


def test_the_same_trouble_raises_one_notice_that_counts(frozen):
    client = ClientFactory()
    first = notify.warn("number:1", "Main line leads nowhere.", client=client)
    clock.advance(60)
    again = notify.warn("number:1", "Main line still leads nowhere.", client=client)
    assert again.pk == first.pk
    assert (again.times, again.text) == (2, "Main line still leads nowhere.")
    assert (again.last_at - again.first_at).total_seconds() == 60
    assert Event.objects.filter(kind="notify.warned", client_ref=client.public_id).count() == 2


def test_other_trouble_is_another_notice():
    notify.warn("number:1", "One.")
    notify.warn("number:2", "Two.")
    assert Notice.objects.open().count() == 2


def test_after_it_was_put_right_the_next_time_is_a_new_notice():
    first = notify.warn("number:1", "One.")
    notify.resolve(first)
    second = notify.warn("number:1", "One.")
    assert second.pk != first.pk
    assert second.times == 1


def test_putting_right_twice_is_noted_once():
    notice = NoticeFactory()
    assert notify.resolve(notice).resolved_at is not None
    notify.resolve(notice)
    assert Event.objects.filter(kind="notify.resolved").count() == 1


def test_a_text_too_long_is_cut():
    assert len(notify.warn("k", "x" * 900).text) == 500


@pytest.mark.django_db(transaction=True)
def test_two_calls_that_meet_the_same_trouble_at_once_make_one_notice():
    together = threading.Barrier(2)

    def meet() -> None:
        together.wait(10)
        notify.warn("number:1", "Main line leads nowhere.")
        connection.close()

    calls = [threading.Thread(target=meet) for _ in range(2)]
    for call in calls:
        call.start()
    for call in calls:
        call.join(20)
    assert [notice.times for notice in Notice.objects.all()] == [2]


def test_the_admin_shows_open_notices_and_puts_one_right(admin_client):
    notice, done = NoticeFactory(text="Main line leads nowhere."), NoticeFactory(text="Long forgotten.")
    notify.resolve(done)
    page = admin_client.get("/admin/notify/notice/").content.decode()
    assert "Main line leads nowhere." in page and "Long forgotten." not in page
    assert "Long forgotten." in admin_client.get("/admin/notify/notice/?state=all").content.decode()
    address = f"/admin/notify/notice/{notice.pk}/change/"
    assert "Put right" in admin_client.get(address).content.decode()
    admin_client.post(address, {"notify_notice_resolve_this": "1"})
    notice.refresh_from_db()
    assert notice.resolved_at is not None


def test_a_supervisor_puts_right_the_notices_of_their_clients(client):
    notice, other = NoticeFactory(), NoticeFactory()
    user = UserFactory(role=roles.SUPERVISOR, clients=[notice.client], is_staff=True)
    client.force_login(user)
    form = {"action": "resolve_chosen", "_selected_action": [notice.pk, other.pk]}
    client.post("/admin/notify/notice/", form)
    assert list(Notice.objects.open()) == [other]

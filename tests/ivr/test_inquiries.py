"""A caller who waits for a web service. In these tests no worker takes the task, as when the one that had it died."""

import pytest
import time_machine

from apps.core.refused import Refused
from apps.ivr import inquiries, publishing, tasks, web_services
from apps.ivr import services as ivr
from apps.ivr.models import Inquiry, Visit, WebService
from apps.notify.models import Notice
from tests.factories import CallFactory, ClientFactory, DestinationFactory, WebServiceFactory
from tests.support.https import WebService as Web
from tests.support.https import said

pytestmark = pytest.mark.django_db
START = "2026-03-02T10:00:00Z"


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    web = Web(tmp_path_factory.mktemp("orders"))
    yield web
    web.stop()


@pytest.fixture
def client():
    return ClientFactory(name="Quillon Cargo")


@pytest.fixture
def service(client, web, settings):
    settings.LOOKUP_NETWORKS, settings.LOOKUP_CA_FILE = ["127.0.0.0/8"], str(web.ca_file)
    return WebServiceFactory(client=client, name="Orders", address=web.address, header="X-Key", secret="of ours")


@pytest.fixture
def flow(client, service):
    yard = DestinationFactory(client=client, label="Yard")
    document = {"start": "look", "nodes": {
        "look": {
            "kind": "lookup", "service": {"label": "Orders"}, "path": "orders/7", "timeout_seconds": 4,
            "results": [{"variable": "state", "path": "state"}], "next": "told", "otherwise": "yard",
        },
        "told": {"kind": "hangup", "prompt": {"say": {"en-US": "It is {state}."}}},
        "yard": {"kind": "send", "destination": {"id": str(yard.public_id)}},
    }}  # fmt: skip
    flow = publishing.save_draft(ivr.create_flow(client, name="Orders"), document, revision=0)
    publishing.publish(flow)
    return flow


@pytest.fixture
def waiting(flow, client) -> Visit:
    with time_machine.travel(START, tick=False):
        turn = ivr.begin(CallFactory(client=client, person=None), flow)
    assert isinstance(turn, ivr.Wait)
    return turn.visit


def later(seconds: int):
    return time_machine.travel(f"2026-03-02T10:00:{seconds:02}Z", tick=False)


def test_the_caller_waits_and_goes_on_with_the_answer(waiting, web):
    web.answers["/api/orders/7"] = said(state="here", secret="not kept")
    with later(1):
        assert isinstance(ivr.hear(waiting, ""), ivr.Wait)
        assert isinstance(ivr.hear(waiting, "5"), ivr.Wait)
    inquiries.carry_out(Inquiry.objects.get().pk)

    with later(2):
        turn = ivr.hear(waiting, "")

    assert turn.prompts[0].text == "It is here."
    inquiry = Inquiry.objects.get()
    assert (inquiry.status, inquiry.values) == ("answered", {"state": "here"})
    assert web.headers["X-Key"] == "of ours"
    waiting.refresh_from_db()
    assert (waiting.path[0]["edge"], waiting.answers) == ("next", 0)


def test_when_nobody_does_the_work_the_caller_goes_the_other_way_in_time(waiting):
    with later(6):
        assert isinstance(ivr.hear(waiting, ""), ivr.Wait)
    with later(7):
        turn = ivr.hear(waiting, "")

    assert turn.destination.label == "Yard"
    assert (Inquiry.objects.get().status, Inquiry.objects.get().why) == ("failed", "it did not answer in time")


def test_an_answer_that_comes_too_late_changes_nothing(waiting, web):
    web.answers["/api/orders/7"] = said(state="here")
    with later(8):
        tasks.sweep()
        before = len(web.asked)
        inquiries.carry_out(Inquiry.objects.get().pk)

    assert (Inquiry.objects.get().status, Inquiry.objects.get().values, len(web.asked)) == ("failed", {}, before)


def test_two_workers_ask_once(waiting, web):
    web.answers["/api/orders/7"] = said(state="here")
    before = len(web.asked)

    for _worker in range(2):
        inquiries.carry_out(Inquiry.objects.get().pk)

    assert len(web.asked) == before + 1


def test_a_failure_is_told_to_the_manager_and_an_unknown_order_is_none(waiting, web):
    web.answers["/api/orders/7"] = (404, b"{}")
    inquiries.carry_out(Inquiry.objects.get().pk)
    assert not Notice.objects.exists()

    Inquiry.objects.update(status="waiting")
    web.answers["/api/orders/7"] = (503, b"{}")
    inquiries.carry_out(Inquiry.objects.get().pk)

    assert Notice.objects.get().text == "“Orders” was asked for a caller, but it answered 503. Look after it."


def test_asking_again_waits_for_the_same_inquiry(waiting):
    with later(1):
        ivr.ask_again(waiting)

    assert Inquiry.objects.count() == 1


def test_a_service_that_was_deleted_is_a_failure(waiting):
    Inquiry.objects.update(service=None)

    inquiries.carry_out(Inquiry.objects.get().pk)

    assert Inquiry.objects.get().status == "failed"


def test_a_service_in_use_is_kept(service, flow):
    with pytest.raises(Refused, match="“Orders” asks “Orders”"):
        web_services.delete_service(service)

    assert WebService.objects.count() == 1


@pytest.mark.parametrize("address", ["http://orders.example.com/", "https://a:b@orders.example.com/", "https:///"])
def test_an_address_that_is_not_plain_https_is_refused(client, address):
    with pytest.raises(Refused, match="https://host/path/"):
        web_services.save_service(WebService(client=client, name="Bad", address=address))

    assert not WebService.objects.exists()


def test_another_clients_service_is_not_there(client, flow):
    WebServiceFactory(name="Invoices")
    document = flow.draft
    document["nodes"]["look"]["service"] = {"label": "Invoices"}

    with pytest.raises(Refused, match="There is no web service “Invoices” here"):
        publishing.bring_in(flow, document, revision=1)

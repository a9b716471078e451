"""A caller in a drawn menu: a web service is asked while they wait; a menu that is changed meanwhile stays theirs."""

import pytest

from apps.carrier import services as carrier_services
from apps.core.models import Event
from apps.ivr import publishing, versions
from apps.ivr import services as ivr
from apps.ivr.models import Inquiry, Visit
from apps.notify.models import Notice
from apps.recordings.models import Recording
from tests import factories
from tests.support.https import WebService, said

ORDERS_LINE = "+14155550102"


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    web = WebService(tmp_path_factory.mktemp("orders"))
    yield web
    web.stop()


@pytest.fixture
def orders(world, company, web, settings):
    """A line that asks for an order's number and says how it stands."""
    settings.LOOKUP_NETWORKS, settings.LOOKUP_CA_FILE = ["127.0.0.0/8"], str(web.ca_file)
    service = factories.WebServiceFactory(client=company.client, name="Orders", address=web.address)
    english = "en-US"
    document = {"start": "number", "nodes": {
        "number": {"kind": "collect", "prompt": {"say": {english: "Your order?"}}, "variable": "order", "next": "look"},
        "look": {
            "kind": "lookup", "name": "Orders", "service": {"id": str(service.public_id)}, "path": "orders/{order}",
            "prompt": {"say": {english: "One moment, please."}}, "results": [{"variable": "state", "path": "state"}],
            "timeout_seconds": 4, "next": "told", "otherwise": "queue",
        },
        "told": {"kind": "hangup", "prompt": {"say": {english: "Order {order} is {state}."}}},
        "queue": {"kind": "send", "destination": {"id": str(company.queue.destination.public_id)}},
    }}  # fmt: skip
    flow = ivr.create_flow(company.client, name="Orders")
    flow = publishing.save_draft(flow, document, revision=0)
    publishing.publish(flow)
    ivr.switch(flow, on=True)
    factories.PhoneNumberFactory(client=company.client, number=ORDERS_LINE, destination=flow.destination)
    carrier_services.provision()
    return flow


def test_a_web_service_is_asked_while_the_caller_waits(world, orders, web):
    web.answers["/api/orders/4711"] = said(state="on its way")
    caller = world.caller().dials(ORDERS_LINE)
    caller.hears("Your order?")

    caller.presses("4711#")
    world.advance(4)

    caller.hears("One moment, please.")
    caller.hears("Order 4711 is on its way.")
    assert web.asked == ["/api/orders/4711"]
    assert Inquiry.objects.get().told_at is not None
    assert "ivr.looked_up" in [event.kind for event in Event.objects.of_call(world.call.public_id)]


def test_a_web_service_that_fails_sends_the_caller_the_other_way_and_warns(world, orders, web):
    web.answers["/api/orders/13"] = (500, b"{}")
    caller = world.caller().dials(ORDERS_LINE)

    caller.presses("13#")
    world.advance(6)

    assert world.entry.queue.name == "Dispatch"
    assert "“Orders” was asked for a caller, but it answered 500." in Notice.objects.get().text


def test_a_call_finishes_on_the_version_with_which_it_began_also_after_a_restart(world, company, orders):
    first = world.caller().dials(ORDERS_LINE)
    first.hears("Your order?")
    other = {"start": "bye", "nodes": {"bye": {"kind": "hangup", "prompt": {"say": {"en-US": "We have moved."}}}}}
    publishing.publish(publishing.save_draft(orders, other, revision=1))
    versions.load.cache_clear()  # the web process was started again

    first.presses("#")
    world.advance(2)
    second = world.caller("+14155550199").dials(ORDERS_LINE)

    assert first.is_connected
    assert first.heard.count("Your order?") == 2
    second.hears("We have moved.")
    assert sorted(Visit.objects.values_list("version__number", flat=True)) == [1, 2]


@pytest.fixture
def complaints(company):
    """A line that takes messages."""
    english = "en-US"
    document = {"start": "speak", "nodes": {
        "speak": {
            "kind": "record", "name": "Complaint", "prompt": {"say": {english: "Tell us after the beep."}},
            "silence_seconds": 3, "next": "thanks", "otherwise": "nothing",
        },
        "thanks": {"kind": "hangup", "prompt": {"say": {english: "Thank you for telling us."}}},
        "nothing": {"kind": "hangup", "prompt": {"say": {english: "We heard nothing."}}},
    }}  # fmt: skip
    flow = publishing.save_draft(ivr.create_flow(company.client, name="Complaints"), document, revision=0)
    publishing.publish(flow)
    ivr.switch(flow, on=True)
    factories.PhoneNumberFactory(client=company.client, number=ORDERS_LINE, destination=flow.destination)
    carrier_services.provision()
    return flow


def test_a_caller_leaves_a_message_and_it_is_kept(world, complaints):
    caller = world.caller().dials(ORDERS_LINE)
    caller.hears("Tell us after the beep.")
    world.advance(3)

    caller.says("The truck came late.")
    world.advance(12)

    caller.hears("Thank you for telling us.")
    message = Recording.objects.get()
    assert (message.status, message.channels, message.client) == ("stored", 1, complaints.client)
    assert "ivr.recorded" in world.timeline()


def test_who_hangs_up_after_the_message_has_left_it(world, complaints):
    caller = world.caller().dials(ORDERS_LINE)
    caller.hears("Tell us after the beep.")
    world.advance(3)
    caller.says("The truck came late.")
    world.advance(1)

    caller.hangs_up()
    world.advance(6)

    assert Recording.objects.get().status == "stored"


def test_who_says_nothing_goes_on_and_nothing_is_kept(world, complaints):
    caller = world.caller().dials(ORDERS_LINE)

    world.advance(12)

    caller.hears("We heard nothing.")
    assert Recording.objects.get().status == "absent"
    assert not Notice.objects.exists()

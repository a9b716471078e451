from apps.calls import services as calls
from apps.carrier.models import CarrierRequest
from tests import factories


def test_a_calls_page_tells_its_story(admin_client):
    call = factories.CallFactory(person=factories.PersonFactory(name="Rosa's Bakery"))
    leg = factories.LegFactory(call=call, role="customer", status="ringing")
    calls.advance(leg, "in-progress")
    calls.advance(leg, "ringing")
    CarrierRequest.objects.create(action="hang_up", outcome="done", call_ref=call.public_id, milliseconds=12)
    recording = factories.RecordingFactory(call=call, leg=leg, status="stored")

    page = admin_client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()

    assert "The customer picked up." in page
    assert "no effect" in page
    assert "hang_up" in page
    assert f"/api/v1/recordings/{recording.public_id}/media" in page


def test_the_list_of_calls_finds_them_by_name_and_number(admin_client):
    factories.CallFactory(person=factories.PersonFactory(name="Rosa's Bakery"), customer_number="+14155550177")
    factories.CallFactory(customer_number="+14155550188")

    page = admin_client.get("/admin/calls/call/?q=Rosa").content.decode()

    assert "+1 415-555-0177" in page
    assert "+1 415-555-0188" not in page

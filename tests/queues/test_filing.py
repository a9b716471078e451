"""What must be said about a call before its operator goes on, and what managers write for the desks."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from apps.calls.models import Disposition
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.queues import filing, wording
from tests import factories


@pytest.fixture
def wrap_up(db):
    """An operator who files a call of a queue that asks for a lot."""
    queue = factories.QueueFactory(disposition_required=True, form="Load number*\nSize*: small, large\nColour")
    call = factories.CallFactory(client=queue.client)
    factories.QueueEntryFactory(queue=queue, call=call, status="answered")
    operator = factories.OperatorFactory(team__client=queue.client, presence="available")
    operators.wrap_up(operator, 0, call.public_id, until_released=True)
    return queue, call, operator


def test_a_call_is_filed_completely_before_the_operator_goes_on(wrap_up):
    queue, call, operator = wrap_up
    complaint = Disposition.objects.create(client=queue.client, name="Complaint")
    late = Disposition.objects.create(client=queue.client, name="Late", parent=complaint, needs_note=True)

    def finish():
        call.refresh_from_db()
        try:
            filing.finish(operator)
        except Refused as refusal:
            return refusal.sentence
        return ""

    blank = "Fill in “Load number”. Fill in “Size”."
    assert finish() == f"Choose how the call ended. {blank}"
    call.disposition = complaint
    call.save()
    assert finish() == f"Choose which “Complaint” it was. {blank}"
    call.disposition, call.answers = late, {"Load number": "7", "Size": "small"}
    call.save()
    assert finish() == "Write a note: “Late” needs one."
    assert operator.engagements.open().exists()
    call.note = "Two hours."
    call.save()
    assert finish() == ""
    assert not operator.engagements.open().exists()


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"Weight": "7"}, "“Weight” is not asked for about this call."),
        ({"Size": "huge"}, "“Size” is one of small, large."),
        ({"Colour": "x" * 501}, "“Colour” takes at most 500 letters."),
    ],
)
def test_answers_that_do_not_fit_are_refused(wrap_up, answers, sentence):
    with pytest.raises(Refused, match=sentence):
        filing.check(wrap_up[1], answers)


def test_a_wrap_up_is_extended_up_to_the_longest(db):
    operator = factories.OperatorFactory(presence="available")
    with pytest.raises(Refused):
        operators.extend_wrap_up(operator, 60)
    began = operators.wrap_up(operator, 30, None)
    assert (operators.extend_wrap_up(operator, 60).due_at - began.due_at).total_seconds() == 60
    with pytest.raises(Refused, match="an hour at most"):
        operators.extend_wrap_up(operator, 3600)


@given(st.dictionaries(st.sampled_from(wording.FACTS), st.text(max_size=40)))
def test_what_is_filled_in_never_changes_where_an_address_leads(facts):
    filled = wording.fill_address("https://crm.example.com/find?phone={number}&name={name}&of={operator}", facts)
    assert filled.startswith("https://crm.example.com/find?phone=")
    assert filled.count("&") == 2
    assert "#" not in filled


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "crm.example.com", "https://{number}.example.com/", "https://x.example/{secret}"]
)
def test_an_address_that_leads_anywhere_is_refused(address):
    with pytest.raises(ValidationError):
        wording.check_address(address)


@given(st.text(max_size=200))
def test_fields_are_read_or_refused_with_a_sentence(text):
    try:
        found = wording.fields(text)
    except ValidationError as error:
        assert error.messages[0]
    else:
        assert len({field.label for field in found}) == len(found) <= wording.MOST_FIELDS

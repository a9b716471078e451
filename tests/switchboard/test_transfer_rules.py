"""The rules of a transfer, whatever the order of the news."""

from hypothesis import given
from hypothesis import strategies as st

from apps.calls.models import Transfer
from apps.switchboard import transfer_rules as rules

KINDS = [rules.WARM, rules.BLIND, rules.ADD, rules.RETURN]
NEWS = [
    rules.ANSWERED, rules.COMPLETE, rules.JOIN, rules.INITIATOR_GONE, rules.CUSTOMER_GONE, rules.CANCELED,
    *rules.DECISIONS,
]  # fmt: skip


@given(st.sampled_from(KINDS), st.lists(st.sampled_from(NEWS), max_size=8))
def test_the_customer_is_never_left_with_nobody(kind, news):
    status, somebody_there, held = rules.RINGING, kind in (rules.WARM, rules.ADD), kind != rules.ADD
    for word in news:
        step = rules.follow(kind, status, word)
        if step is None:
            continue
        assert step.status in Transfer.Status.values
        status, kind = step.status, step.kind
        if word == rules.CUSTOMER_GONE:
            return
        somebody_there &= step.leaves != "initiator" and word != rules.INITIATOR_GONE
        held = {"hold": True, "connect": False, "back": False}.get(step.customer, held)
        if status not in (rules.RINGING, rules.CONSULTING):
            taken = status in (rules.COMPLETED, rules.JOINED)
            assert somebody_there or taken or step.customer == "return"
            assert not held or step.customer == "return"
            assert rules.follow(kind, status, word) is None
            return
        assert held or kind == rules.ADD or somebody_there


def test_a_decided_transfer_cannot_be_decided_again():
    for status in set(Transfer.Status.values) - set(Transfer.OPEN):
        assert all(rules.follow(kind, status, word) is None for kind in KINDS for word in NEWS)


def test_handing_over_before_the_colleague_answers_makes_the_transfer_blind():
    assert rules.follow(rules.WARM, rules.RINGING, rules.COMPLETE) == rules.Step(
        rules.RINGING, rules.BLIND, leaves="initiator"
    )

from hypothesis import given
from hypothesis import strategies as st

from apps.routing import engine
from apps.routing.engine import ConditionView, Facts, RuleView, Trial, decide

MAIN, SALES = "+14155550100", "+14155550101"
CALLERS = ["", "+14155550111", "+14155550112", "+442079460000"]
VALUES = {
    engine.NUMBER: [MAIN, SALES],
    engine.CALLER: CALLERS[1:],
    engine.CALLER_PREFIX: ["+1", "+1415", "+44", "+141555501111"],
    engine.CALLER_TAG: ["VIP", "driver"],
    engine.CALLER_LIST: ["gold", "blocked"],
    engine.KNOWN_CALLER: ["yes", "no"],
    engine.OPEN: ["Office", "Night", "gone"],
}
conditions = st.sampled_from(engine.SUBJECTS).flatmap(
    lambda subject: st.builds(ConditionView, st.just(subject), st.sampled_from(VALUES[subject]), st.booleans())
)
rules = st.lists(
    st.builds(lambda asked, usable: (tuple(asked), usable), st.lists(conditions, max_size=4), st.booleans()),
    max_size=6,
).map(lambda drawn: [RuleView(n, f"rule {n}", asked, usable) for n, (asked, usable) in enumerate(drawn)])


@st.composite
def facts(draw):
    known = draw(st.booleans())
    marks = st.frozensets if known else lambda _: st.just(frozenset())
    return Facts(
        number=draw(st.sampled_from([MAIN, SALES])),
        caller=draw(st.sampled_from(CALLERS)),
        known=known,
        tags=draw(marks(st.sampled_from(VALUES[engine.CALLER_TAG]))),
        lists=draw(marks(st.sampled_from(VALUES[engine.CALLER_LIST]))),
        open={"Office": draw(st.booleans()), "Night": draw(st.booleans())},
    )


@given(facts(), rules)
def test_the_first_usable_rule_whose_conditions_all_hold_decides(found, tried):
    verdict = decide(found, tried)

    fits = [rule for rule in tried if rule.usable and all(engine.holds(one, found) for one in rule.conditions)]
    assert verdict.rule == (fits[0].pk if fits else None)
    assert [trial.rule for trial in verdict.tried] == [rule.pk for rule in tried[: len(verdict.tried)]]
    assert [trial.matched for trial in verdict.tried].count(True) == (1 if fits else 0)
    assert all(trial.because for trial in verdict.tried)


@given(facts(), conditions)
def test_a_condition_and_its_opposite_never_hold_together(found, condition):
    opposite = ConditionView(condition.subject, condition.value, not condition.negated)

    assert not (engine.holds(condition, found) and engine.holds(opposite, found))


@given(facts(), st.lists(conditions, max_size=4))
def test_what_is_called_a_contradiction_never_holds(found, asked):
    if engine.contradiction(asked):
        assert not all(engine.holds(condition, found) for condition in asked)


@given(facts(), rules)
def test_a_shadowed_rule_never_decides(found, tried):
    verdict = decide(found, tried)

    shadowed = {rule.pk for place, rule in enumerate(tried) if engine.shadow(rule, tried[:place])}
    assert verdict.rule not in shadowed


@given(facts(), rules)
def test_a_kept_decision_can_be_replayed(found, tried):
    assert decide(Facts.from_json(found.as_json()), tried) == decide(found, tried)


def test_a_decision_says_why():
    tried = [
        RuleView(1, "Night", (ConditionView("open", "Office", True),)),
        RuleView(2, "VIPs", (ConditionView("caller_tag", "VIP"),)),
        RuleView(3, "Off", (), usable=False),
        RuleView(4, "California", (ConditionView("caller_prefix", "+1415"), ConditionView("known_caller", "yes"))),
    ]
    found = Facts(MAIN, CALLERS[1], known=True, open={"Office": True})

    verdict = decide(found, tried)

    assert verdict.rule == 4
    assert verdict.tried == (
        Trial(1, "Night", False, "“Office” is open"),
        Trial(2, "VIPs", False, "the caller does not have the tag “VIP”"),
        Trial(3, "Off", False, "its destination is switched off"),
        Trial(4, "California", True, "the caller's number begins with +1415 and the caller is known"),
    )
    assert verdict.because == "the caller's number begins with +1415 and the caller is known"


def test_a_withheld_number_neither_fits_nor_escapes_a_prefix():
    for negated in (False, True):
        rule = RuleView(1, "rule", (ConditionView("caller_prefix", "+1", negated),))
        assert decide(Facts(MAIN), [rule]).tried[0].because == "the caller's number is withheld"


def test_contradictions_are_named():
    def reason(*asked: tuple) -> str:
        return engine.contradiction([ConditionView(*one) for one in asked])

    assert reason(("number", MAIN), ("number", SALES)) == f"it cannot be {MAIN} and {SALES} at once"
    assert reason(("caller_prefix", "+1"), ("caller_prefix", "+44")) == "a number cannot fit +1 and +44 at once"
    assert (
        reason(("caller_prefix", "+1415"), ("caller_prefix", "+1", True)) == "+1415 begins with +1, which is ruled out"
    )
    assert reason(("open", "Office"), ("open", "Office", True)) == "“Office” cannot be asked for and ruled out at once"
    assert reason(("known_caller", "no"), ("caller_tag", "VIP")) == "an unknown caller cannot be marked “VIP”"
    assert reason(("caller_prefix", "+1"), ("caller_prefix", "+1415")) == ""
    assert reason(("known_caller", "yes"), ("caller_tag", "VIP"), ("caller_tag", "driver", True)) == ""

"""The engine on values alone: hypothesis looks for the rule set and the call that break what is promised."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from apps.routing import engine, logic, truth, wording
from apps.routing.engine import Trial, decide
from apps.routing.truth import ConditionView, Facts, GroupView, RuleView, holds, rule_holds

MAIN, SALES = "+14155550100", "+14155550101"
CALLERS = ["", "+14155550111", "+14155550112", "+442079460000", "+15195550111", "+870773111632"]
VALUES = {
    truth.NUMBER: [MAIN, SALES],
    truth.CALLER: CALLERS[1:],
    truth.CALLER_PREFIX: ["+1", "+1415", "+44", "+141555501111"],
    truth.COUNTRY: ["US", "CA", "GB"],
    truth.KNOWN_CALLER: ["yes", "no"],
    truth.CALLER_TAG: ["VIP", "driver"],
    truth.CALLER_LIST: ["gold", "blocked"],
    truth.LANGUAGE: ["en", "es", "es-MX"],
    truth.CALLED_BEFORE: ["yes", "no"],
    truth.SINCE_LAST_CALL: [""],
    truth.OPEN: ["Office", "Night", "gone"],
    truth.HOLIDAY: ["Office", "gone"],
    truth.DIGITS: ["1", "12"],
    truth.DIGITS_PREFIX: ["1", "2"],
    truth.QUEUE_WAITING: ["Support", "gone"],
    truth.QUEUE_LONGEST_WAIT: ["Support"],
    truth.QUEUE_FREE: ["Support"],
    truth.SKILL_AVAILABLE: ["Spanish", "gone"],
}
NUMBERS = [1, 3, 5, 8]


@st.composite
def drawn_condition(draw):
    subject = draw(st.sampled_from(truth.SUBJECTS))
    number = draw(st.sampled_from(NUMBERS)) if subject in truth.MEASURED else None
    return ConditionView(subject, draw(st.sampled_from(VALUES[subject])), draw(st.booleans()), number)


conditions = drawn_condition()
matches = st.sampled_from([truth.ALL, truth.ANY])
groups = st.builds(GroupView, st.lists(conditions, min_size=1, max_size=3).map(tuple), matches)


@st.composite
def drawn_rules(draw):
    drawn = draw(st.lists(st.tuples(st.lists(groups, max_size=3), matches, st.booleans()), max_size=6))
    return [
        RuleView(n, f"rule {n}", tuple(asked), match, usable, destination=n)
        for n, (asked, match, usable) in enumerate(drawn)
    ]


rules = drawn_rules()


@st.composite
def facts(draw):
    """What is known of a call, everything looked up, as it can be in this world."""
    known = draw(st.booleans())
    marks = st.frozensets if known else lambda _: st.just(frozenset())
    caller, minutes = draw(st.sampled_from(CALLERS)), draw(st.none() | st.integers(0, 10))
    counts = st.integers(0, 10)
    return Facts(
        number=draw(st.sampled_from([MAIN, SALES])),
        caller=caller,
        known=known,
        language=draw(st.sampled_from(["en-US", "es", "es-MX", "fr"])),
        tags=draw(marks(st.sampled_from(VALUES[truth.CALLER_TAG]))),
        lists=draw(marks(st.sampled_from(VALUES[truth.CALLER_LIST]))),
        found={
            truth.OPEN: {"Office": draw(st.booleans()), "Night": draw(st.booleans()), "gone": None},
            truth.HOLIDAY: {"Office": draw(st.booleans()), "gone": None},
            truth.DIGITS: {"": draw(st.sampled_from([None, "1", "12", "2", "21"]))},
            truth.CALLED_BEFORE: {"": minutes is not None if caller else None},
            truth.SINCE_LAST_CALL: {"": minutes if caller else None},
            truth.QUEUE_WAITING: {"Support": draw(counts), "gone": None},
            truth.QUEUE_LONGEST_WAIT: {"Support": draw(counts)},
            truth.QUEUE_FREE: {"Support": draw(counts)},
            truth.SKILL_AVAILABLE: {"Spanish": draw(counts), "gone": None},
        },
        default=99,
    )


@st.composite
def some_facts(draw):
    """The same, where not everything was looked up."""
    whole = draw(facts())
    kept = {subject: answers for subject, answers in whole.found.items() if draw(st.booleans())}
    tags, lists = (names if draw(st.booleans()) else None for names in (whole.tags, whole.lists))
    return whole, replace(
        whole, found=kept, tags=tags, lists=lists, language=whole.language if draw(st.booleans()) else None
    )


@given(facts(), rules)
def test_the_first_usable_rule_that_holds_decides(found, tried):
    verdict = decide(found, tried)

    fits = [rule for rule in tried if rule.usable and rule_holds(rule, found)]
    assert verdict.rule == (fits[0].pk if fits else None)
    assert verdict.destination == (fits[0].destination if fits else 99)
    assert [trial.rule for trial in verdict.tried] == [rule.pk for rule in tried[: len(verdict.tried)]]
    assert [trial.matched for trial in verdict.tried].count(True) == (1 if fits else 0)
    assert all(trial.because for trial in verdict.tried)
    assert not verdict.undecided


@given(facts(), rules)
def test_rules_behind_the_deciding_one_change_nothing(found, tried):
    verdict = decide(found, tried)

    assert decide(found, tried[: len(verdict.tried)]) == verdict


@given(facts(), conditions)
def test_a_condition_and_its_opposite_never_hold_together(found, condition):
    opposite = replace(condition, negated=not condition.negated)

    assert not (holds(condition, found) and holds(opposite, found))
    unknown = truth.truth_of(condition, found) is truth.Truth.UNKNOWN
    assert (holds(condition, found) or holds(opposite, found)) is not unknown


@given(facts(), st.lists(conditions, min_size=1, max_size=4))
def test_de_morgan_holds_where_everything_is_known(found, asked):
    """Not (A and B) is (not A) or (not B); and so is it the other way round."""
    known = [one for one in asked if truth.truth_of(one, found) is not truth.Truth.UNKNOWN]
    opposites = tuple(replace(one, negated=not one.negated) for one in known)
    if known:
        for match, other in ((truth.ALL, truth.ANY), (truth.ANY, truth.ALL)):
            whole = truth.group_holds(GroupView(tuple(known), match), found)
            assert whole is not truth.group_holds(GroupView(opposites, other), found)


@given(facts(), st.lists(groups, max_size=3))
def test_groups_are_joined_as_their_switch_says(found, asked):
    held = [truth.group_holds(group, found) for group in asked]

    assert rule_holds(RuleView(1, "rule", tuple(asked), truth.ALL), found) is all(held)
    assert rule_holds(RuleView(1, "rule", tuple(asked), truth.ANY), found) is (any(held) or not held)


@given(facts(), groups)
def test_the_order_of_conditions_changes_no_outcome(found, group):
    assert truth.group_holds(group, found) is truth.group_holds(
        GroupView(tuple(reversed(group.conditions)), group.match), found
    )


@given(some_facts(), rules)
def test_what_was_not_looked_up_is_never_guessed(both, tried):
    """Where the engine dares to decide on a part of the facts, it decides as on the whole."""
    whole, part = both
    verdict = decide(part, tried)

    if not verdict.undecided:
        assert (verdict.rule, verdict.destination) == (decide(whole, tried).rule, decide(whole, tried).destination)
    else:
        assert engine.needs(part, tried)


@given(some_facts(), rules)
def test_it_is_enough_to_look_up_what_is_needed(both, tried):
    whole, part = both
    wanted = engine.needs(part, tried)
    found = {subject: dict(answers) for subject, answers in part.found.items()}
    known = replace(part)
    for one in wanted:
        subject = truth.SAME_FACT.get(one.subject, one.subject)
        if one.subject == truth.CALLER_TAG:
            known = replace(known, tags=whole.tags)
        elif one.subject == truth.CALLER_LIST:
            known = replace(known, lists=whole.lists)
        elif one.subject == truth.LANGUAGE:
            known = replace(known, language=whole.language)
        else:
            name = "" if one.subject in truth.NAMELESS else one.value
            found.setdefault(subject, {})[name] = whole.found[subject].get(name)
    verdict = decide(replace(known, found=found), tried)

    assert not verdict.undecided
    assert verdict.destination == decide(whole, tried).destination


@given(facts(), groups)
def test_each_way_of_a_group_is_a_way_in_which_it_holds(found, group):
    terms = logic.ways([group], truth.ALL)

    assert truth.group_holds(group, found) is any(all(holds(one, found) for one in term) for term in terms)


@given(facts(), st.lists(groups, max_size=3), matches)
def test_what_is_called_a_contradiction_never_holds(found, asked, match):
    if logic.contradiction(asked, match):
        assert not rule_holds(RuleView(1, "rule", tuple(asked), match), found)


@given(facts(), st.lists(conditions, max_size=4))
def test_what_is_called_a_clash_never_holds(found, asked):
    if logic.clash_in(asked):
        assert not all(holds(condition, found) for condition in asked)


@given(facts(), conditions, conditions)
def test_what_is_called_implied_holds(found, known, wanted):
    rule = RuleView(1, "rule", (GroupView((wanted,)),))
    if holds(known, found) and logic.implied(rule, frozenset([known])):
        assert holds(wanted, found)


@given(facts(), rules)
def test_a_shadowed_rule_never_decides(found, tried):
    verdict = decide(found, tried)

    shadowed = {rule.pk for place, rule in enumerate(tried) if logic.shadow(rule, tried[:place])}
    assert verdict.rule not in shadowed


@given(facts(), rules)
def test_a_kept_decision_can_be_replayed(found, tried):
    kept = json.loads(json.dumps(replace(found, refusals={3: "full"}).as_json()))

    assert Facts.from_json(kept) == replace(found, refusals={3: "full"})
    assert decide(Facts.from_json(kept), tried) == decide(found, tried)


def rule(pk: int, name: str, *asked: tuple, **more) -> RuleView:
    views = tuple(ConditionView(*one) for one in asked)
    return RuleView(pk, name, (GroupView(views),) if views else (), destination=pk, **more)


def test_a_decision_says_why():
    tried = [
        rule(1, "Night", ("open", "Office", True)),
        rule(2, "VIPs", ("caller_tag", "VIP")),
        rule(3, "Off", usable=False),
        rule(4, "California", ("caller_prefix", "+1415"), ("known_caller", "yes")),
    ]
    found = Facts(MAIN, CALLERS[1], known=True, tags=frozenset(), found={"open": {"Office": True}})

    verdict = decide(found, tried)

    assert verdict.rule == 4
    assert verdict.tried == (
        Trial(1, "Night", False, "“Office” is open"),
        Trial(2, "VIPs", False, "the caller does not have the tag “VIP”"),
        Trial(3, "Off", False, "its destination is switched off"),
        Trial(4, "California", True, "the caller's number begins with +1415 and the caller is known"),
    )


def test_a_group_says_which_of_its_conditions_failed():
    found = Facts(
        MAIN, CALLERS[3], found={"queue_waiting": {"Support": 2}, "since_last_call": {"": None}, "digits": {"": "12"}}
    )
    busy = ConditionView("queue_waiting", "Support", False, 5)
    again = ConditionView("since_last_call", "", True, 30)
    either = RuleView(1, "Either", (GroupView((busy, again), "any"),))
    both = RuleView(
        2, "Both", (GroupView((ConditionView("digits_prefix", "1"),)), GroupView((ConditionView("country", "US"),)))
    )
    one_of = RuleView(
        3, "One", (GroupView((ConditionView("country", "US"),)), GroupView((ConditionView("digits", "12"),))), "any"
    )

    told = [trial.because for trial in decide(found, [either, both, one_of]).tried]

    assert told == [
        "2 wait in “Support”, less than 5 and the caller has not called before",
        "the caller is not from US",
        "the caller pressed 12",
    ]
    assert wording.rule_asks(
        (GroupView((busy, again), "any"), GroupView((ConditionView("country", "US"),))), "all"
    ) == (
        "(at least 5 wait in “Support” or the caller's last call is less than 30 minutes ago) and the caller is from US"
    )


def test_a_fallback_is_for_a_destination_that_takes_no_calls():
    spare = rule(1, "Sales", usable=False, fallback=7, fallback_usable=True)
    assert decide(Facts(MAIN), [spare]).destination == 7
    assert decide(Facts(MAIN), [spare]).fell_back == "its destination is switched off"

    queue = rule(1, "Sales", fallback=7, fallback_usable=True, guarded=True)
    assert decide(Facts(MAIN), [queue]).undecided
    assert decide(Facts(MAIN, refusals={1: ""}), [queue]).destination == 1
    assert decide(Facts(MAIN, refusals={1: "All 5 places are taken."}), [queue]).destination == 7


def test_a_withheld_number_neither_fits_nor_escapes_a_prefix():
    for negated in (False, True):
        tried = rule(1, "rule", ("caller_prefix", "+1", negated))
        assert decide(Facts(MAIN), [tried]).tried[0].because == "the caller's number is withheld"


def test_contradictions_are_named():
    def reason(*asked: tuple) -> str:
        return logic.contradiction([GroupView(tuple(ConditionView(*one) for one in asked))])

    assert reason(("number", MAIN), ("number", SALES)) == f"it cannot be {MAIN} and {SALES} at once"
    assert reason(("caller_prefix", "+1"), ("caller_prefix", "+44")) == "a number cannot fit +1 and +44 at once"
    assert (
        reason(("caller_prefix", "+1415"), ("caller_prefix", "+1", True)) == "+1415 begins with +1, which is ruled out"
    )
    assert reason(("open", "Office"), ("open", "Office", True)) == "“Office” cannot be asked for and ruled out at once"
    assert reason(("known_caller", "no"), ("caller_tag", "VIP")) == "an unknown caller cannot be marked “VIP”"
    assert reason(("queue_free", "A", False, 5), ("queue_free", "A", True, 3)) == (
        "it cannot be at least 5 and less than 3 at once"
    )
    assert reason(("country", "GB"), ("caller_prefix", "+1")) != ""
    assert reason(("country", "GB"), ("caller_prefix", "+4")) == ""
    assert reason(("caller_prefix", "+1"), ("caller_prefix", "+1415")) == ""
    assert reason(("known_caller", "yes"), ("caller_tag", "VIP"), ("caller_tag", "driver", True)) == ""
    assert reason(("queue_free", "A", False, 3), ("queue_free", "A", True, 5)) == ""


def test_shadows_are_found_across_groups_and_rules():
    known, strangers = rule(1, "Known", ("known_caller", "yes")), rule(2, "Strangers", ("known_caller", "no"))
    anybody, vips = rule(3, "Anybody"), rule(4, "VIPs", ("caller_tag", "VIP"))
    busy = RuleView(
        5, "Busy", (GroupView((ConditionView("queue_waiting", "A", False, 5), ConditionView("country", "US"))),)
    )
    calm = RuleView(
        6, "Calm", (GroupView((ConditionView("queue_waiting", "A", False, 3), ConditionView("number", MAIN)), "any"),)
    )

    assert logic.shadow(anybody, [known, strangers]) == [known, strangers]
    assert logic.shadow(anybody, [known]) == []
    assert logic.shadow(vips, [known]) == [known]
    assert logic.shadow(known, [vips]) == []
    assert logic.shadow(busy, [calm]) == [calm]
    assert logic.shadow(calm, [busy]) == []
    assert logic.shadow(vips, [replace(known, usable=False)]) == []

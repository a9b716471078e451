"""Property tests walk random menus with random input: every walk ends in a place, a good-bye or a question."""

from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.carrier import twiml
from apps.carrier.verbs import Gather, Hangup, Say
from apps.ivr import reading
from apps.ivr.graph import Case, Graph, Result
from apps.ivr.traversal import begin, walk
from apps.ivr.understanding import holds, matches, picked
from apps.ivr.values import (
    MAX_STEPS,
    Again,
    Asked,
    Digits,
    Ended,
    Failed,
    Found,
    Listening,
    Looking,
    Sent,
    Silence,
    Speech,
    Spoke,
    Unknown,
    Walk,
)
from apps.ivr.words import APOLOGY
from tests.ivr.drawings import KEYS, answers, documents, replies

YARD = {"kind": "send", "destination": {"id": "yard"}}


def graph_of(document: dict) -> Graph:
    graph, faults = reading.read(document)
    assert [fault for fault in faults if fault.level != "hint"] == []
    return graph


def known(draw_facts, graph, position=None, variables=None, heard=None) -> Walk:
    """The walk with a fact for whatever it asks."""
    facts: dict = {}
    while True:
        went = begin(graph, {}, facts) if heard is None else walk(graph, position, variables, heard, facts)
        if not isinstance(went.turn, Unknown):
            return went
        assert went.turn.question not in facts
        facts[went.turn.question] = draw_facts()


def stroll(data, graph: Graph, heard: Iterable) -> list[Walk]:
    """All walks of a call that answers `heard`, until it leaves."""
    walks = [known(lambda: data.draw(st.booleans()), graph)]
    for answer in heard:
        last = walks[-1]
        if isinstance(last.turn, Looking):
            answer = data.draw(replies)
        elif isinstance(last.turn, Listening):
            answer = data.draw(st.sampled_from([Spoke(), Silence()]))
        elif not isinstance(last.turn, Asked):
            break
        walks.append(known(lambda: data.draw(st.booleans()), graph, last.position, last.variables, answer))
    return walks


@given(documents(), st.lists(answers, max_size=30), st.data())
def test_every_walk_ends_in_a_place_a_good_bye_or_a_question(document, heard, data):
    graph = graph_of(document)

    for went in stroll(data, graph, heard):
        assert isinstance(went.turn, Asked | Looking | Listening | Sent | Ended)
        assert went.position.node in graph.nodes
        if isinstance(went.turn, Asked):
            assert graph.nodes[went.position.node].asks
            assert went.position.tries < graph.nodes[went.position.node]["tries"]


@given(documents(), st.lists(answers, max_size=8), st.data())
def test_every_document_parses_and_says_what_was_written(document, heard, data):
    graph = graph_of(document)

    for went in stroll(data, graph, heard):
        turn = went.turn
        if isinstance(turn, Asked):
            verbs = [Gather("https://x/", turn.prompts, turn.num_digits, turn.timeout_seconds, phrases=turn.phrases)]
        else:
            verbs = [*turn.prompts, Hangup()]
        root = ElementTree.fromstring(twiml.render(verbs))  # noqa: S314 - our own document
        assert [said.text for said in root.iter("Say")] == [verb.text for verb in turn.prompts]


@given(documents(), st.sampled_from([*map(Digits, KEYS), Silence(), Speech("yes")]), st.data())
def test_a_line_that_answers_for_ever_is_let_go(document, answer, data):
    walks = stroll(data, graph_of(document), [answer] * (MAX_STEPS + 1) * 10)

    assert isinstance(walks[-1].turn, Sent | Ended)


@given(documents(), st.data())
def test_asking_again_asks_the_same_and_costs_nothing(document, data):
    graph = graph_of(document)
    first = stroll(data, graph, [])[0]
    if isinstance(first.turn, Asked):
        again = walk(graph, first.position, first.variables, Again())
        assert again.position == first.position
        assert again.steps == ()
        assert first.turn.prompts[-len(again.turn.prompts) :] == again.turn.prompts


@given(documents(), st.lists(answers, max_size=12), st.data())
def test_the_same_input_gives_the_same_walk(document, heard, data):
    graph = graph_of(document)
    for went in stroll(data, graph, heard):
        if isinstance(went.turn, Asked):
            facts = dict.fromkeys([("destination", "0190"), ("hours", "0190"), ("list", "vip"), ("tag", "vip")], True)
            one, other = (walk(graph, went.position, went.variables, Digits("1"), facts) for _ in range(2))
            assert one == other


def menu(**more) -> dict:
    return {
        "kind": "menu", "prompt": {"say": {"en-US": "Press 1 or 2."}},
        "options": {"1": {"label": "Dispatch", "to": "yard"}, "2": {"phrases": ["more", "more help"], "to": "more"}},
        **more,
    }  # fmt: skip


def drawn(**nodes) -> Graph:
    more = {"kind": "menu", "prompt": {"say": {"en-US": "More: press 9."}}, "options": {"9": {"to": "yard"}}}
    return graph_of({"start": "main", "nodes": {"main": menu(), "more": more, "yard": YARD, **nodes}})


OPEN = {("destination", "yard"): True}


def test_a_known_key_leads_to_its_destination():
    first = begin(drawn(), {})

    went = walk(drawn(), first.position, {}, Digits("1"), OPEN)

    assert went.turn == Sent("yard")
    assert [(step.node, step.edge, step.cause, step.label) for step in went.steps] == [
        ("main", "1", "pressed", "Dispatch"),
        ("yard", "", "passed", ""),
    ]


def test_a_known_key_leads_to_the_next_menu_and_forgives_the_tries():
    first = begin(drawn(), {})

    went = walk(drawn(), replace(first.position, tries=2), {}, Digits("2"))

    assert went.turn.prompts == (Say("More: press 9."),)
    assert (went.position.node, went.position.tries) == ("more", 0)


@pytest.mark.parametrize("said", ["More", "I need more, please", "MORE HELP!"])
def test_a_phrase_is_found_in_what_was_said(said):
    assert walk(drawn(), begin(drawn(), {}).position, {}, Speech(said)).position.node == "more"


@pytest.mark.parametrize("said", ["moreover", "", "yard"])
def test_a_word_that_only_begins_like_a_phrase_is_wrong(said):
    went = walk(drawn(), begin(drawn(), {}).position, {}, Speech(said))

    assert (went.position.node, went.position.tries, went.steps[0].cause) == ("main", 1, "wrong")


def test_wrong_keys_and_silence_use_up_the_tries_and_then_go_otherwise():
    graph = drawn(main=menu(tries=2, otherwise="yard"))
    one = walk(graph, begin(graph, {}).position, {}, Digits("8"))
    two = walk(graph, one.position, one.variables, Silence(), OPEN)

    assert (one.position.tries, two.turn) == (1, Sent("yard"))
    assert [(step.edge, step.cause) for step in (*one.steps, *two.steps)][:2] == [
        ("", "wrong"),
        ("otherwise", "silent"),
    ]


def test_without_anywhere_to_go_the_menu_apologises():
    graph = drawn(main=menu(tries=1))

    went = walk(graph, begin(graph, {}).position, {}, Silence())

    assert went.turn == Ended((Say(APOLOGY),), gave_up=True)


def test_digits_are_collected_read_back_and_kept():
    collect = {
        "kind": "collect", "prompt": {"say": {"en-US": "Your order?"}}, "variable": "order", "pattern": "4XX",
        "confirm": True, "next": "thanks", "min_digits": 3, "max_digits": 3,
    }  # fmt: skip
    thanks = {"kind": "hangup", "prompt": {"say": {"en-US": "Order {order}, thank you {nobody}."}}}
    graph = drawn(main=collect, thanks=thanks)
    went = begin(graph, {})
    for answer in ("512", "412", "2", "413", "1"):
        went = walk(graph, went.position, went.variables, Digits(answer))

    assert went.variables["order"] == "413"
    assert went.turn == Ended((Say("Order 413, thank you ."),))


def test_who_corrects_the_digits_for_ever_is_let_go():
    collect = {
        "kind": "collect", "prompt": {"say": {"en-US": "Your choice?"}}, "variable": "choice", "pattern": "",
        "confirm": True, "next": "main", "min_digits": 1, "max_digits": 2,
    }  # fmt: skip
    graph = drawn(main=collect)
    went, answers = begin(graph, {}), 0
    while isinstance(went.turn, Asked) and answers <= MAX_STEPS:
        went, answers = walk(graph, went.position, went.variables, Digits("2")), answers + 1

    assert isinstance(went.turn, Ended)
    assert went.turn.gave_up
    assert answers == MAX_STEPS


def test_private_digits_leave_no_trace_in_the_steps():
    collect = {
        "kind": "collect", "prompt": {"say": {"en-US": "Card?"}}, "variable": "card", "private": True, "next": "yard",
    }  # fmt: skip
    graph = drawn(main=collect)

    went = walk(graph, begin(graph, {}).position, {}, Digits("4111"), OPEN)

    assert went.steps[0].key == "••••"


def test_hours_the_caller_and_a_variable_decide():
    graph = graph_of({"start": "open", "nodes": {
        "open": {"kind": "hours", "schedule": {"id": "office"}, "open": "vip", "closed": "bye"},
        "vip": {"kind": "caller", "test": "tag", "value": "vip", "yes": "set", "no": "bye"},
        "set": {"kind": "set", "variable": "greeting", "value": "Hello {caller_name}", "next": "branch"},
        "branch": {"kind": "branch", "variable": "greeting", "otherwise": "bye",
                   "cases": [{"test": "starts", "value": "hello {caller_name}", "to": "yard"}]},
        "yard": YARD, "bye": {"kind": "hangup"},
    }})  # fmt: skip
    facts = {("hours", "office"): True, ("tag", "vip"): True, **OPEN}

    went = begin(graph, {"caller_name": "Ann"}, facts)

    assert went.turn == Sent("yard")
    assert [(step.node, step.edge) for step in went.steps][:4] == [
        ("open", "open"), ("vip", "yes"), ("set", "next"), ("branch", "case-0"),
    ]  # fmt: skip
    assert begin(graph, {}, {**facts, ("hours", "office"): False}).turn == Ended()


def test_a_fact_that_is_missing_is_asked_for():
    assert walk(drawn(), begin(drawn(), {}).position, {}, Digits("1")).turn == Unknown(("destination", "yard"))


def test_a_web_service_is_asked_and_its_answer_kept():
    look = {
        "kind": "lookup", "service": {"id": "orders"}, "path": "orders/{order}?for={caller_name}",
        "prompt": {"say": {"en-US": "One moment."}}, "results": [{"variable": "status", "path": "state"}],
        "timeout_seconds": 7, "next": "said", "otherwise": "yard",
    }  # fmt: skip
    said = {"kind": "hangup", "prompt": {"say": {"en-US": "It is {status}."}}}
    graph = graph_of({"start": "look", "nodes": {"look": look, "said": said, "yard": YARD}})
    first = begin(graph, {"order": "4/../7", "caller_name": "Ann & Co?"})

    assert first.turn == Looking(
        "orders", "orders/4%2F..%2F7?for=Ann%20%26%20Co%3F", (Result("status", "state"),), 7, (Say("One moment."),)
    )
    assert walk(graph, first.position, first.variables, Again()).turn.prompts == ()
    assert walk(graph, first.position, first.variables, Found({"status": "late"})).turn == Ended((Say("It is late."),))
    failed = walk(graph, first.position, first.variables, Failed("it answered 500"), OPEN)
    assert (failed.turn, failed.steps[0].edge, failed.steps[0].label) == (Sent("yard"), "otherwise", "it answered 500")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Ann"), ("orders.0.open", "yes"), ("orders.1.total", "12.5"), ("orders.2.total", ""), ("orders", ""),
        ("nothing", ""), ("name.first", ""), ("none", ""), ("orders.-1.total", ""), ("long", "x" * 500),
    ],
)  # fmt: skip
def test_a_value_is_picked_out_of_an_answer(path, value):
    answer = {"name": "Ann", "none": None, "long": "x" * 900, "orders": [{"open": True}, {"total": 12.5}]}
    assert picked(answer, path) == value


def test_the_language_of_the_caller_is_spoken_or_the_nearest():
    main = menu(prompt={"say": {"en-US": "Hello", "es-MX": "Hola"}})
    graph = drawn(main=main)

    heard = {
        spoken: begin(graph, {}, language=spoken).turn.prompts[0].text
        for spoken in ("es-MX", "es-ES", "en-GB", "fr-FR")
    }

    assert heard == {"es-MX": "Hola", "es-ES": "Hola", "en-GB": "Hello", "fr-FR": "Hello"}
    assert begin(graph, {"language": "es-MX"}).turn.prompts[0].text == "Hola"


@pytest.mark.parametrize(
    ("test", "value", "wanted", "result"),
    [
        ("equals", " Yes", "yes", True), ("not", "yes", "no", True), ("contains", "oil change", "CHANGE", True),
        ("starts", "4711", "47", True), ("above", "10", "9", True), ("above", "ten", "9", False),
        ("below", "-1", "0", True), ("empty", " ", "", True), ("empty", "x", "", False),
    ],
)  # fmt: skip
def test_a_case_compares(test, value, wanted, result):
    assert holds(Case(test, wanted), value, wanted) is result


@pytest.mark.parametrize(("digits", "result"), [("4123", False), ("412", True), ("402", False), ("41", False)])
def test_a_dial_pattern_fits_or_not(digits, result):
    assert matches("4ZX", digits) is result

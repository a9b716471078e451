"""Documents that cannot be used, and the path of each fault in them."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.ivr import reading
from apps.ivr.reading import MOST_FAULTS
from tests.ivr.drawings import documents

BYE = {"kind": "hangup"}
SAY = {"kind": "say", "prompt": {"say": {"en-US": "Hello."}}, "next": "bye"}


MENU = {"kind": "menu", "prompt": SAY["prompt"], "options": {"1": {"to": "bye"}}}
COLLECT = {"kind": "collect", "prompt": SAY["prompt"], "variable": "x", "next": "bye"}
BRANCH = {"kind": "branch", "variable": "x", "otherwise": "bye", "cases": [{"value": "1", "to": "bye"}]}


def faults_of(document) -> list[tuple[str, str]]:
    return [(fault.path, fault.level) for fault in reading.read(document)[1]]


def flow(**nodes) -> dict:
    return {"start": "say", "nodes": {"say": SAY, "bye": BYE, **nodes}}


def test_a_good_document_has_no_fault():
    assert faults_of(flow()) == []


@pytest.mark.parametrize(
    ("document", "path", "level"),
    [
        ([], "", "wrong"),
        ("text", "", "wrong"),
        (None, "", "wrong"),
        ({"nodes": []}, "nodes", "wrong"),
        ({"start": "say", "nodes": {}}, "start", "wrong"),
        ({"nodes": {"bye": BYE}}, "start", "unfinished"),
        ({**flow(), "format": 2}, "format", "wrong"),
        ({**flow(), "colour": "red"}, "colour", "wrong"),
        ({**flow(), "languages": []}, "languages", "wrong"),
        ({**flow(), "languages": ["<b>"]}, "languages.0", "wrong"),
        (flow(say={**SAY, "kind": "dance"}), "nodes.say.kind", "wrong"),
        (flow(say={**SAY, "kind": ["say"]}), "nodes.say.kind", "wrong"),
        (flow(say="say"), "nodes.say", "wrong"),
        (flow(say={**SAY, "next": "nowhere"}), "nodes.say.next", "wrong"),
        (flow(say={**SAY, "next": {"id": "bye"}}), "nodes.say.next", "wrong"),
        (flow(say={**SAY, "next": None}), "nodes.say.next", "unfinished"),
        (flow(say={**SAY, "prompt": None}), "nodes.say.prompt", "unfinished"),
        (flow(say={**SAY, "prompt": {"say": {"en-US": "a\x00b"}}}), "nodes.say.prompt.say.en-US", "wrong"),
        (flow(say={**SAY, "prompt": {"say": {"en-US": "\ud800"}}}), "nodes.say.prompt.say.en-US", "wrong"),
        (flow(say={**SAY, "prompt": {"say": {"en-US": "x" * 2001}}}), "nodes.say.prompt.say.en-US", "wrong"),
        (flow(say={**SAY, "prompt": {"say": {"en-US": 7}}}), "nodes.say.prompt.say.en-US", "wrong"),
        (flow(say={**SAY, "prompt": {"say": {"en-US": "x"}, "prompt": "y"}}), "nodes.say.prompt", "wrong"),
        (flow(say={**SAY, "name": "x" * 81}), "nodes.say.name", "wrong"),
        (flow(say={**SAY, "onclick": "x"}), "nodes.say.onclick", "wrong"),
        (flow(say={**SAY, "at": [1, "2"]}), "nodes.say.at", "wrong"),
        (flow(say={**SAY, "at": [1, float("nan")]}), "nodes.say.at", "wrong"),
        (flow(**{"Bad id": BYE}), "nodes.Bad id", "wrong"),
        (flow(m={**MENU, "options": {}}), "nodes.m.options", "unfinished"),
        (flow(m={**MENU, "options": {"A": {"to": "bye"}}}), "nodes.m.options.A", "wrong"),
        (flow(m={**MENU, "options": {"1": {"to": "gone"}}}), "nodes.m.options.1.to", "wrong"),
        (flow(m={**MENU, "tries": True}), "nodes.m.tries", "wrong"),
        (flow(m={**MENU, "tries": 10**30}), "nodes.m.tries", "wrong"),
        (flow(c={**COLLECT, "pattern": "(a+)+"}), "nodes.c.pattern", "wrong"),
        (flow(c={**COLLECT, "variable": "X Y"}), "nodes.c.variable", "wrong"),
        (flow(c={**COLLECT, "min_digits": 9, "max_digits": 2}), "nodes.c.max_digits", "wrong"),
        (flow(b={**BRANCH, "cases": [{"test": "regex", "to": "bye"}]}), "nodes.b.cases.0.test", "wrong"),
        (flow(b={**BRANCH, "cases": []}), "nodes.b.cases", "unfinished"),
        (flow(s={"kind": "send", "destination": "yard"}), "nodes.s.destination", "wrong"),
        (flow(l={"kind": "caller", "test": "list", "yes": "bye", "no": "bye"}), "nodes.l.value", "unfinished"),
        (flow(lonely=BYE), "nodes.lonely", "hint"),
    ],
)  # fmt: skip
def test_each_fault_has_its_path(document, path, level):
    assert (path, level) in faults_of(document)


def test_a_circle_without_a_question_is_named():
    _graph, faults = reading.read(flow(say={**SAY, "next": "again"}, again={**SAY, "next": "say"}))

    assert ("nodes.say", "unfinished") in [(fault.path, fault.level) for fault in faults]
    assert "round for ever" in faults[0].text


def test_a_circle_through_a_question_is_allowed():
    menu = {"kind": "menu", "prompt": SAY["prompt"], "options": {"1": {"to": "say"}, "2": {"to": "bye"}}}

    assert faults_of(flow(say={**SAY, "next": "menu"}, menu=menu)) == []


def test_ten_thousand_nodes_are_too_many():
    assert faults_of({"start": "n0", "nodes": {f"n{n}": BYE for n in range(10_000)}}) == [("nodes", "wrong")]


def test_a_thousand_faults_are_told_up_to_a_hundred():
    assert len(faults_of({"start": "n0", "nodes": {f"n{n}": {"kind": "x"} for n in range(1000)}})) == MOST_FAULTS


def test_markup_in_a_text_stays_a_text():
    graph, faults = reading.read(flow(say={**SAY, "prompt": {"say": {"en-US": "<script>alert(1)</script> & more"}}}))

    assert faults == []
    assert graph.nodes["say"]["prompt"].texts == {"en-US": "<script>alert(1)</script> & more"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(documents(), st.data())
def test_a_document_in_which_anything_was_replaced_is_read_without_an_error(document, data):
    """Somewhere in a good document stands something else; every fault has a path and a sentence."""
    # A copy: parts of what is generated are the same objects in every document.
    document = copy.deepcopy(document)
    spot, path = document, []
    while isinstance(spot, dict | list) and spot and data.draw(st.booleans() if path else st.just(True)):
        key = data.draw(st.sampled_from(list(spot) if isinstance(spot, dict) else range(len(spot))))
        path.append((spot, key))
        spot = spot[key]
    holder, key = path[-1]
    holder[key] = data.draw(json_values)

    _graph, faults = reading.read(document)

    assert all(fault.text.endswith((".", "?")) for fault in faults)


@given(documents())
def test_a_document_survives_being_written_and_read(document):
    assert reading.read(json.loads(json.dumps(document))) == reading.read(document)

"""Random voice menus: whole ones, which could be published, and random answers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from apps.ivr.kinds import COMPARISONS
from apps.ivr.values import Digits, Failed, Found, Silence, Speech

KEYS = "0123456789*#"
IDS = [f"n{n}" for n in range(1, 9)]
# Whatever people write: markup, entities, other scripts. Control characters are refused before they get here.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="{}￾￿"), max_size=30
)
spoken = st.one_of(texts.filter(lambda text: bool(text.strip())), st.sampled_from(["<b>&amp;</b>", "]]>", "“¿Sí?”"]))
prompts = st.dictionaries(st.sampled_from(["en-US", "es-MX"]), spoken, min_size=1).map(lambda said: {"say": said})
patience = {
    "timeout_seconds": st.integers(1, 60), "tries": st.integers(1, 4), "silence_prompt": st.none() | prompts,
    "invalid_prompt": st.none() | prompts,
}  # fmt: skip
variables = st.sampled_from(["order", "rating", "language", "caller_name"])
row = st.just({"id": "0190", "kind": "queue", "label": "Yard"})

result = st.fixed_dictionaries({"variable": variables, "path": st.sampled_from(["name", "orders.0.status"])})


def _case(ids: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    test = st.sampled_from(sorted(COMPARISONS))
    return st.fixed_dictionaries(
        {"test": test, "value": st.sampled_from(["7", "42", "-1.5"]), "to": st.sampled_from(ids)}
    )


def _kinds(ids: list[str], later: list[str]) -> list[st.SearchStrategy[dict[str, Any]]]:
    """Nodes that ask may lead anywhere; the others only onward, so that no circle runs by itself."""
    anywhere, onward = st.sampled_from(ids), st.sampled_from(later)
    maybe = st.none() | anywhere
    option = st.fixed_dictionaries(
        {"to": anywhere, "label": texts, "phrases": st.lists(st.sampled_from(["yes", "no thanks", "Sí"]), max_size=2)}
    )
    options = st.dictionaries(st.sampled_from(KEYS), option, min_size=1, max_size=5)
    digits = {"variable": variables, "min_digits": st.integers(1, 2), "max_digits": st.integers(2, 6)}
    habits = {"confirm": st.booleans(), "private": st.booleans(), "pattern": st.sampled_from(["", "4X, 9ZX", "NXX"])}
    fixed = st.fixed_dictionaries
    return [
        fixed({"kind": st.just("menu"), "prompt": prompts, "options": options, "otherwise": maybe, **patience}),
        fixed({"kind": st.just("collect"), "prompt": prompts, "next": anywhere, "otherwise": maybe,
               **digits, **habits, **patience}),
        fixed({"kind": st.just("rating"), "prompt": prompts, "next": anywhere, "otherwise": maybe, **patience}),
        fixed({"kind": st.just("say"), "prompt": prompts, "next": onward}),
        fixed({"kind": st.just("hours"), "schedule": row, "open": onward, "closed": onward}),
        fixed({"kind": st.just("caller"), "test": st.sampled_from(["list", "tag"]), "value": st.just("vip"),
               "yes": onward, "no": onward}),
        fixed({"kind": st.just("set"), "variable": variables, "value": texts, "next": onward}),
        fixed({"kind": st.just("branch"), "variable": variables, "otherwise": onward,
               "cases": st.lists(_case(later), min_size=1, max_size=3)}),
        fixed({"kind": st.just("lookup"), "service": row, "prompt": st.none() | prompts, "path": texts,
               "results": st.lists(result, max_size=2), "next": onward, "otherwise": onward}),
        fixed({"kind": st.just("record"), "prompt": prompts, "max_seconds": st.integers(5, 600), "next": onward,
               "otherwise": onward}),
        fixed({"kind": st.just("sms"), "text": spoken, "next": onward}),
        fixed({"kind": st.just("send"), "destination": row, "unavailable": st.none() | onward}),
        fixed({"kind": st.just("hangup"), "prompt": st.none() | prompts}),
    ]  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    ids = [*IDS[: draw(st.integers(1, len(IDS) - 1))], "last"]
    nodes: dict[str, Any] = {"last": {"kind": "hangup"}}
    for n, one in enumerate(ids[:-1]):
        nodes[one] = draw(st.one_of(_kinds(ids, ids[n + 1 :])))
    return {"format": 1, "languages": ["en-US", "es-MX"], "start": ids[0], "nodes": nodes}


answers = st.one_of(
    st.just(Silence()),
    st.sampled_from(KEYS).map(Digits),
    st.text("0123456789*#", min_size=1, max_size=6).map(Digits),
    st.text(min_size=1, max_size=3).map(Digits),
    st.sampled_from(["yes", "No, thanks!", "sí", "what?"]).map(Speech),
)
# What a web service says, when one is asked.
replies = st.one_of(
    st.dictionaries(variables, st.text(max_size=5), max_size=2).map(Found), st.just(Failed("it did not answer in time"))
)

"""How each type of field of a node is read (see `kinds`): what stands in a document, or a fault at its path. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apps.ivr import kinds
from apps.ivr.graph import Case, Option, Prompt, Result
from apps.ivr.kinds import Field

if TYPE_CHECKING:
    from apps.ivr.reading import Reader

LONGEST_TEXT = 2000
MOST_LANGUAGES = 20
MOST_RESULTS = 20
NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PATTERN = re.compile(r"[0-9XZN]{1,32}(, ?[0-9XZN]{1,32})*")


def shown(name: object, longest: int) -> str:
    """A name out of a document, as it may stand in a path."""
    return NOT_TEXT.sub("?", str(name))[:longest]


def _text(reader: Reader, one: Field, path: str, raw: Any) -> str:
    return reader.text(path, "" if raw is None else raw, one.high, needed=one.needed)


def _number(reader: Reader, one: Field, path: str, raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not one.low <= raw <= one.high:
        reader.fault(path, f"A whole number from {one.low} to {one.high}.")
        return one.default if isinstance(one.default, int) else one.low
    return raw


def _choice(reader: Reader, one: Field, path: str, raw: Any) -> str:
    if not isinstance(raw, str) or raw not in one.choices:
        reader.fault(path, f"One of: {', '.join(choice or '“”' for choice in one.choices)}.")
        return str(one.default)
    return raw


def _yes(reader: Reader, one: Field, path: str, raw: Any) -> bool:
    if not isinstance(raw, bool):
        reader.fault(path, "This is true or false.")
    return raw is True


def _target(reader: Reader, one: Field, path: str, raw: Any) -> str | None:
    return reader.target(path, raw, needed=one.needed)


def _variable(reader: Reader, one: Field, path: str, raw: Any) -> str:
    if raw in (None, ""):
        reader.fault(path, "Name the variable.", "unfinished")
        return ""
    if not isinstance(raw, str) or not _VARIABLE.fullmatch(raw):
        reader.fault(path, "A variable is named with small letters, digits and _, such as order_number.")
        return ""
    return raw


def _pattern(reader: Reader, one: Field, path: str, raw: Any) -> tuple[str, ...]:
    said = reader.text(path, raw, one.high)
    if said and not _PATTERN.fullmatch(said):
        reader.fault(path, "A pattern is made of digits, X, Z and N, several with commas: 4XXXXX, 9ZXX.")
        return ()
    return tuple(part.strip() for part in said.split(",") if part.strip())


def _prompt(reader: Reader, one: Field, path: str, raw: Any) -> Prompt | None:
    if raw is None:
        if one.needed:
            reader.fault(path, "Nothing is said here: write a text or choose a prompt.", "unfinished")
        return None
    said = reader.object(path, raw, {"say", "prompt", "language"})
    if ("say" in said) == ("prompt" in said):
        reader.fault(path, "Give either “say” with texts by language, or “prompt” with a name of the library.")
        return None
    language = reader.language(f"{path}.language", said["language"]) if said.get("language") else ""
    if "prompt" in said:
        name = reader.text(f"{path}.prompt", said["prompt"], 120, needed=one.needed)
        return Prompt(name=name, language=language) if name else None
    texts = said["say"]
    if not isinstance(texts, dict) or len(texts) > MOST_LANGUAGES:
        reader.fault(f"{path}.say", "These are texts by language: {“en-US”: “Welcome.”}.")
        return None
    read_texts = {}
    for spoken, text in texts.items():
        reader.language(f"{path}.say.{shown(spoken, 20)}", spoken)
        read_texts[spoken] = reader.text(f"{path}.say.{shown(spoken, 20)}", text, LONGEST_TEXT)
    read_texts = {spoken: text for spoken, text in read_texts.items() if text.strip()}
    if not read_texts and one.needed:
        reader.fault(path, "Nothing is said here: write a text or choose a prompt.", "unfinished")
    return Prompt(texts=read_texts) if read_texts else None


def _options(reader: Reader, one: Field, path: str, raw: Any) -> tuple[Option, ...]:
    if raw is not None and not isinstance(raw, dict):
        reader.fault(path, "The keys are an object: {“1”: {“to”: ...}}.")
        return ()
    if not raw:
        reader.fault(path, "The menu has no keys: give it at least one.", "unfinished")
    options = []
    for key, said in (raw or {}).items():
        here = f"{path}.{shown(key, 10)}"
        if len(key) != 1 or key not in kinds.KEYS:
            reader.fault(here, "A key is one of 0 to 9, * and #.")
            continue
        row = reader.object(here, said, {"label", "phrases", "to"})
        phrases = reader.rows(f"{here}.phrases", row.get("phrases", []), 20)
        options.append(
            Option(
                key, reader.text(f"{here}.label", row.get("label", ""), 120),
                tuple(reader.text(at, phrase, 80, needed=True) for at, phrase in phrases),
                reader.target(f"{here}.to", row.get("to"), needed=True),
            )
        )  # fmt: skip
    return tuple(options)


def _cases(reader: Reader, one: Field, path: str, raw: Any) -> tuple[Case, ...]:
    if not raw:
        reader.fault(path, "The branch has no case: give it at least one.", "unfinished")
    cases = []
    for at, said in reader.rows(path, raw or [], 50):
        row = reader.object(at, said, {"test", "value", "to"})
        test = row.get("test", "equals")
        if not isinstance(test, str) or test not in kinds.COMPARISONS:
            reader.fault(f"{at}.test", f"One of: {', '.join(kinds.COMPARISONS)}.")
            test = "equals"
        value = reader.text(f"{at}.value", row.get("value", ""), 200)
        if test in ("above", "below") and not _is_number(value):
            reader.fault(f"{at}.value", "This comparison needs a number.", "unfinished")
        cases.append(Case(test, value, reader.target(f"{at}.to", row.get("to"), needed=True)))
    return tuple(cases)


def _results(reader: Reader, one: Field, path: str, raw: Any) -> tuple[Result, ...]:
    """What is kept of an answer: a variable, and the way to its value ("customer.orders.0.status")."""
    found = []
    for at, said in reader.rows(path, [] if raw is None else raw, MOST_RESULTS):
        row = reader.object(at, said, {"variable", "path"})
        variable = _variable(reader, one, f"{at}.variable", row.get("variable"))
        found.append(Result(variable, reader.text(f"{at}.path", row.get("path", ""), 120, needed=True)))
    return tuple(found)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text.strip(), re.ASCII))


def _row(reader: Reader, one: Field, path: str, raw: Any) -> dict[str, str] | None:
    """A row of the house by its id; kind and label find it again in another house."""
    if raw is None:
        reader.fault(path, "Nothing is chosen here.", "unfinished")
        return None
    said = reader.object(path, raw, {"id", "kind", "label"})
    row = {name: reader.text(f"{path}.{name}", said.get(name, ""), 160) for name in ("id", "kind", "label")}
    if not row["id"] and not row["label"]:
        reader.fault(path, "Name it by “id”, or by “kind” and “label”.", "unfinished")
    return row


READERS: dict[str, Callable[[Reader, Field, str, Any], Any]] = {
    "text": _text, "number": _number, "choice": _choice, "yes": _yes, "target": _target, "variable": _variable,
    "pattern": _pattern, "prompt": _prompt, "options": _options, "cases": _cases, "destination": _row, "schedule": _row,
    "service": _row, "results": _results,
}  # fmt: skip

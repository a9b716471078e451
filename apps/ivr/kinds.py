"""What a voice menu is made of: the kinds of nodes and the fields of each. The reader, the traversal's checks and the
builder's forms all follow this one table.

Pure. A field's `type` says what it holds (`reading` has a reader for each); `needed` that the flow cannot take calls
without it. `target` fields, and the targets inside `options` and `cases`, are the ways out of a node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEYS = "1234567890*#"
TESTS = {"known": "is somebody we know", "list": "is on the list", "tag": "has the tag"}
COMPARISONS = {
    "equals": "is", "not": "is not", "contains": "contains", "starts": "begins with", "above": "is more than",
    "below": "is less than", "empty": "is empty",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """`low` and `high` bound a number, or the length of a text."""

    name: str
    type: str
    label: str
    needed: bool = False
    default: Any = None
    low: int = 0
    high: int = 0
    choices: dict[str, str] = field(default_factory=dict)
    help: str = ""


@dataclass(frozen=True)
class Kind:
    """`asks`: it stops for the caller's answer, so a circle through it is none that runs for ever."""

    name: str
    label: str
    words: str
    fields: tuple[Field, ...]
    asks: bool = False
    ends: bool = False

    @property
    def targets(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.type == "target")


def _prompt(label: str = "Says", needed: bool = True) -> Field:
    return Field("prompt", "prompt", label, needed=needed)


def _to(name: str, label: str, needed: bool = True, help: str = "") -> Field:
    return Field(name, "target", label, needed=needed, help=help)


_NEXT = _to("next", "Then")
_VARIABLE = Field("variable", "variable", "Variable", needed=True, help="A name such as order_number.")
_AFTER = "Empty: an apology and good-bye."
_PATIENCE = (
    Field("timeout_seconds", "number", "Seconds to answer", default=5, low=1, high=60),
    Field("tries", "number", "Tries", default=3, low=1, high=10),
    Field("silence_prompt", "prompt", "After silence", help="Said before the question is asked again."),
    Field("invalid_prompt", "prompt", "After a wrong answer", help="Said before the question is asked again."),
)
_COLLECT = (
    _VARIABLE,
    Field("min_digits", "number", "At least, digits", default=1, low=1, high=32),
    Field("max_digits", "number", "At most, digits", default=10, low=1, high=32),
    Field("pattern", "pattern", "Pattern", default="", high=80,
          help="X is any digit, Z is 1 to 9, N is 2 to 9; several with commas: 4XXXXX, 9ZXX. Empty: any digits."),
    Field("finish_on_key", "choice", "Ends with", default="#", choices={"#": "#", "*": "*", "": "no key"}),
    Field("confirm", "yes", "Read back and confirm", default=False),
    Field("private", "yes", "Keep the digits out of the logs", default=False),
)  # fmt: skip

_ALL = [
    Kind("menu", "Menu", "Asks, and goes where the key or the word leads.", (
        _prompt("Asks"), Field("options", "options", "Keys", needed=True), *_PATIENCE,
        _to("otherwise", "After the last try", needed=False, help=_AFTER),
    ), asks=True),
    Kind("say", "Say or play", "Speaks a text or plays a sound.", (_prompt(), _NEXT)),
    Kind("collect", "Collect digits", "Asks for a number and keeps it.", (
        _prompt("Asks"), *_COLLECT, *_PATIENCE, _NEXT,
        _to("otherwise", "After the last try", needed=False, help=_AFTER),
    ), asks=True),
    Kind("rating", "Rating", "Asks one question with a number for an answer.", (
        _prompt("Asks"), Field("lowest", "number", "From", default=1, low=0, high=9),
        Field("highest", "number", "To", default=5, low=1, high=9), *_PATIENCE, _NEXT,
        _to("otherwise", "After the last try", needed=False, help="Empty: as after an answer."),
    ), asks=True),
    Kind("hours", "Hours", "Looks at opening hours.", (
        Field("schedule", "schedule", "Hours", needed=True), _to("open", "When open"), _to("closed", "When closed"),
    )),
    Kind("caller", "Caller", "Looks who calls.", (
        Field("test", "choice", "The caller", default="known", choices=TESTS),
        Field("value", "text", "Name of the list or tag", default="", high=120),
        _to("yes", "If so"), _to("no", "If not"),
    )),
    Kind("set", "Set a variable", "Keeps a value for later.", (
        _VARIABLE, Field("value", "text", "Value", default="", high=500,
                         help="May hold {other_variables}. The variable “language” changes the language spoken."),
        _NEXT,
    )),
    Kind("branch", "Branch", "Goes by the value of a variable.", (
        _VARIABLE, Field("cases", "cases", "Cases", needed=True), _to("otherwise", "In all other cases"),
    )),
    Kind("lookup", "Look up", "Asks a web service of yours, and keeps what it answers.", (
        Field("service", "service", "Web service", needed=True),
        Field("path", "text", "Path", default="", high=200,
              help="What follows the service's address, such as orders/{order_number}."),
        Field("results", "results", "Keeps of the answer"),
        _prompt("Says meanwhile", needed=False),
        Field("timeout_seconds", "number", "Seconds to answer", default=5, low=1, high=10),
        _to("next", "When it answers"), _to("otherwise", "When it fails, or knows nothing"),
    )),
    Kind("record", "Record a message", "Lets the caller speak after a beep, and keeps what they say.", (
        _prompt("Says before"), Field("max_seconds", "number", "At most, seconds", default=120, low=5, high=600),
        Field("silence_seconds", "number", "Ends after silence of, seconds", default=5, low=1, high=30),
        _to("next", "When something was said"), _to("otherwise", "When nothing was said"),
    )),
    Kind("sms", "Text message", "Sends the caller a text message.", (
        Field("text", "text", "Text", needed=True, default="", high=800, help="May hold {variables}."), _NEXT,
    )),
    Kind("send", "Send the call", "Sends the call to a queue, a number, another voice menu and so on.", (
        Field("destination", "destination", "To", needed=True),
        _to("unavailable", "If that is switched off", needed=False, help=_AFTER),
    ), ends=True),
    Kind("hangup", "Hang up", "Says good-bye and ends the call.", (_prompt("Says before", needed=False),), ends=True),
]  # fmt: skip

KINDS = {kind.name: kind for kind in _ALL}

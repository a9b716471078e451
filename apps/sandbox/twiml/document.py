"""TwiML documents: read without entities, checked for structure before a verb runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

NESTED = {
    "Gather": {"Say", "Play", "Pause"},
    "Dial": {"Number", "Client", "Sip", "Conference", "Queue"},
    "Client": {"Identity", "Parameter"},
    "Say": {"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"},
}
NESTING_ERROR = {"Gather": 13320, "Say": 13510, "Dial": 13210}
VERBS = {"Say", "Play", "Pause", "Gather", "Dial", "Enqueue", "Leave", "Record", "Redirect", "Hangup", "Reject"}
ALONE = {"Play", "Pause", "Enqueue", "Leave", "Record", "Redirect", "Hangup", "Reject"}


class TwimlError(Exception):
    """A document that cannot be followed; `code` is Twilio's."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code, self.text = code, text


@dataclass
class Node:
    name: str
    attrs: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within, markup of speech left out, white space folded."""
        return " ".join("".join(self.texts).split())

    def get(self, name: str, default: str = "") -> str:
        return self.attrs.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        said = self.attrs.get(name, "").lower()
        return said == "true" if said in ("true", "false") else default

    def number(self, name: str, default: int) -> int:
        """A whole number; what cannot be one counts as not given, as at Twilio."""
        said = self.attrs.get(name, "").strip()
        return int(said) if said.isdigit() else default

    def words(self, name: str, default: str = "") -> tuple[str, ...]:
        return tuple(self.attrs.get(name, default).split())


def parse(body: bytes) -> Node:
    """The <Response>, or TwimlError 11770, 12100, 12102 or 12200s."""
    if not body.strip():
        raise TwimlError(11770, "The document is empty.")
    reader = expat.ParserCreate()
    root: list[Node] = []
    stack: list[Node] = []

    def start(name: str, attrs: dict[str, str]) -> None:
        node = Node(name, attrs)
        (stack[-1].children if stack else root).append(node)
        stack.append(node)

    def text(data: str) -> None:
        for node in stack:
            node.texts.append(data)

    def refuse(*_: object) -> None:
        raise TwimlError(12100, "A document must not have a document type.")

    reader.StartElementHandler = start
    reader.EndElementHandler = lambda name: stack.pop()
    reader.CharacterDataHandler = text
    reader.StartDoctypeDeclHandler = refuse
    reader.EntityDeclHandler = refuse
    try:
        reader.Parse(body.lstrip(), True)
    except expat.ExpatError as error:
        raise TwimlError(12100, f"The document is not XML: {error}.") from error
    if root[0].name != "Response":
        raise TwimlError(12102, "The document's root must be Response.")
    return root[0]


def check(root: Node) -> list[str]:
    """Raise for verbs in wrong places; return warnings about elements that are left out."""
    warnings = [f"Element {node.name} is not a verb." for node in root.children if node.name not in VERBS]
    root.children = [node for node in root.children if node.name in VERBS]
    for node in root.children:
        _check_nesting(node)
        if node.name == "Dial":
            _check_dial(node)
    return warnings


def _check_nesting(node: Node) -> None:
    allowed = NESTED.get(node.name, set())
    for child in node.children:
        if child.name not in allowed:
            code = NESTING_ERROR.get(node.name, 12200)
            raise TwimlError(code, f"{child.name} must not stand inside {node.name}.")
        if child.name in NESTED and child.name != "Gather":
            _check_nesting(child)


def _check_dial(node: Node) -> None:
    kinds = {child.name for child in node.children}
    if "Conference" in kinds and (len(node.children) > 1 or len(kinds) > 1):
        raise TwimlError(13000, "Conference must stand alone inside Dial.")
    if "Queue" in kinds and len(node.children) > 1:
        raise TwimlError(13000, "Queue must stand alone inside Dial.")
    if len(node.children) > 10:
        raise TwimlError(13210, "Dial rings at most ten phones.")

"""The words of a voice menu in the caller's language, with the values of variables. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from apps.carrier.verbs import Say
from apps.ivr.graph import Graph, Prompt
from apps.ivr.values import Spoken, Variables

T = TypeVar("T")


def say(graph: Graph, prompt: Prompt, language: str, variables: Variables) -> Spoken | None:
    """What is spoken or played for `prompt`, in `language` or the nearest that there is; None when there is nothing."""
    if prompt.name:
        sounds = graph.sounds.get(prompt.name, {})
        verb = _best(sounds, prompt.language or language, graph.languages[0])
        return replace(verb, text=fill(verb.text, variables)) if isinstance(verb, Say) else verb
    by_language = {spoken: Say(text, spoken) for spoken, text in prompt.texts.items()}
    chosen = _best(by_language, language, graph.languages[0])
    return replace(chosen, text=fill(chosen.text, variables)) if chosen else None


def _best(by_language: Mapping[str, T], *wanted: str) -> T | None:
    for language in wanted:
        if language in by_language:
            return by_language[language]
        family = language.partition("-")[0]
        for spoken, found in by_language.items():
            if spoken.partition("-")[0] == family:
                return found
    return next(iter(by_language.values()), None)


_HOLE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")


def fill(text: str, variables: Variables) -> str:
    """`text` with the values of its {variables}; one that is not known is left out."""
    return _HOLE.sub(lambda hole: variables.get(hole[1], ""), text)

"""What a menu answers to a caller, as values for the switchboard."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from apps.carrier.verbs import Play, Say
from apps.destinations.models import Destination
from apps.ivr.models import Prompt, Visit


@dataclass(frozen=True)
class Ask:
    """Play `prompts`, then wait for an answer and tell `hear`. An answer of nothing is told as well, as "".

    An empty `finish_on_key`: none ends the input, "#" is a key like the others. With `phrases` words are heard as well,
    in `language`.
    """

    visit: Visit
    prompts: tuple[Say | Play, ...]
    timeout_seconds: int
    num_digits: int = 1
    finish_on_key: str = ""
    phrases: tuple[str, ...] = ()
    language: str = "en-US"


@dataclass(frozen=True)
class Wait:
    """A web service is being asked: play `prompts`, come back in a moment and tell `hear` nothing."""

    visit: Visit
    prompts: tuple[Say | Play, ...] = ()


@dataclass(frozen=True)
class Record:
    """Play `prompts` and record what the caller says, then tell `hear` whether there was anything."""

    visit: Visit
    prompts: tuple[Say | Play, ...]
    max_seconds: int
    silence_seconds: int


@dataclass(frozen=True)
class Go:
    """The call leaves the menu for `destination`, after `prompts`."""

    destination: Destination
    prompts: tuple[Say | Play, ...] = ()


@dataclass(frozen=True)
class GiveUp:
    """The menu cannot help: say `prompts` and hang up."""

    prompts: tuple[Say | Play, ...]


Turn = Ask | Wait | Record | Go | GiveUp


def prompt_verb(prompt: Prompt) -> Say | Play:
    """What the carrier is told to do for `prompt`: play its sound, or speak its text."""
    if prompt.audio:
        return Play(audio_url(prompt))
    return Say(prompt.text, prompt.language)


def audio_url(prompt: Prompt) -> str:
    """Where the carrier fetches the prompt's sound; "" when it has none."""
    return f"{settings.PUBLIC_BASE_URL}{prompt.audio_path}" if prompt.audio else ""

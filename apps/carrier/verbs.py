"""What a leg is told to do, as values. `twiml.render` writes them in the carrier's language.

Pure: no setting, no row, no clock. Texts and digits are in the caller's world, times in whole seconds, addresses are
absolute and come from `callbacks`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text`; `language` is BCP 47."""

    text: str
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Play:
    """Play the sound at `url`, `loop` times (0: until something interrupts)."""

    url: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Say nothing for a while."""

    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Gather:
    """Play `prompts` and collect key presses, which go to `action`; silence goes there as well, with no digits.

    The time-out runs from the end of the prompts. The first key stops them. With `phrases`, words are listened to as
    well, in `language`; the phrases are those that are likely.
    """

    action: str
    prompts: tuple[Say | Play | Pause, ...] = ()
    num_digits: int | None = None
    timeout_seconds: int = 5
    finish_on_key: str = "#"
    phrases: tuple[str, ...] = ()
    language: str = "en-US"


@dataclass(frozen=True, slots=True)
class Record:
    """Beep and record what the leg says, until silence, a key, the limit or a hang-up; then `action`.

    Nothing but silence: the document goes on behind it. `status_url` learns when the recording can be fetched, also
    after a hang-up.
    """

    action: str
    status_url: str
    max_seconds: int = 120
    silence_seconds: int = 5
    finish_on_key: str = "#"


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Park the leg in the carrier's queue `name`, hearing the documents of `wait_url`; `action` learns how it left."""

    name: str
    action: str
    wait_url: str


@dataclass(frozen=True, slots=True)
class Leave:
    """In a wait document: leave the carrier's queue; its `action` is asked what next."""


@dataclass(frozen=True, slots=True)
class DialRoom:
    """Join the conference `room_name`; `action` is asked what next when this leg left it.

    `wait_url` is heard until the room begins ("" is silence). `status_url` is taken from the first to join; later ones
    may leave it out. `label` names the leg within the room. `coach` is the sid of the one leg that hears it.
    """

    room_name: str
    action: str
    start_on_enter: bool = True
    end_on_exit: bool = False
    wait_url: str = ""
    status_url: str = ""
    muted: bool = False
    label: str = ""
    beep: bool = False
    coach: str = ""


@dataclass(frozen=True, slots=True)
class DialNumber:
    """Ring a telephone number and connect the two; `action` is asked what next. The number policy is applied."""

    number: str
    action: str
    caller_id: str
    timeout_seconds: int = 30
    status_url: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with the document at `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Do not take the call at all; only as the first verb. `reason` is "rejected" or "busy"."""

    reason: str = "rejected"


Verb = Say | Play | Pause | Gather | Record | Enqueue | Leave | DialRoom | DialNumber | Redirect | Hangup | Reject

"""The document for a line as the rows stand now."""

from __future__ import annotations

from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.carrier.verbs import DialRoom, Gather, Hangup, Leave, Pause, Play, Say, Verb
from apps.ivr import services as ivr
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from apps.switchboard import consent, dialogue, entrances, music, words


def in_room(leg: Leg) -> list[Verb]:
    """Into the leg's room, the customer not before hearing that it is recorded.

    The room ends when the customer leaves it; it goes on without anybody else. Whom a supervisor coaches may not be in
    there at this moment: then they come in muted, and the report of whoever joins puts that right (`rooms`).
    """
    customer = leg.role == Leg.Role.CUSTOMER
    coached = leg.coaches if leg.coaches and leg.coaches.joined_at and leg.coaches.on_hold_since is None else None
    return [
        *(consent.announcement(leg.call) if customer else []),
        DialRoom(
            leg.room.name,
            action=callbacks.step(leg.public_id, leg.step, "room"),
            end_on_exit=customer,
            wait_url=callbacks.hold_music(),
            status_url=callbacks.conference(leg.room.pk),
            label=str(leg.public_id),
            muted=leg.muted or (leg.coaches is not None and coached is None),
            coach=coached.sid or "" if coached and not leg.muted else "",
        ),
    ]


def stand(call: Call, leg: Leg) -> list[Verb]:
    """Where the customer's line goes on: headed somewhere, talking, waiting, in a menu, or at the end."""
    if call.status == Call.Status.OVER:
        return [Hangup()]
    if call.heading is not None:
        destination, call.heading = call.heading, None
        call.save(update_fields=["heading"])
        return entrances.enter(call, leg, destination)
    if leg.room is not None and leg.room.ended_at is None:
        return in_room(leg)
    if entry := call.queue_entries.open().select_related("queue__client", "call__client").first():
        if entry.status == QueueEntry.Status.CHOOSING:
            return dialogue.question(leg, entry, words.KEEPS_PLACE)
        if (entry.status in QueueEntry.UNANSWERED and entry.kind == QueueEntry.Kind.LIVE) or _was_reached(entry):
            return [Say(words.ONE_MOMENT, language=call.language), *entrances.wait_in_line(leg, entry)]
    if visit := call.visits.open().first():
        return entrances.follow(call, leg, ivr.ask_again(visit))
    return words.good_bye(words.LOST if call.answered_at else words.UNREACHABLE, call.language)


def _was_reached(entry: QueueEntry) -> bool:
    """A callback whose operator was lost in mid-conversation: its customer waits in line like any caller."""
    return entry.kind == QueueEntry.Kind.CALLBACK and entry.status in QueueEntry.UNANSWERED and not entry.is_promised


def waiting(entry: QueueEntry, *first: str) -> list[Verb]:
    """What is heard in the queue: `first`, place, expected wait and a kind word, then music until the next time.

    With choices set up, a key may be pressed at any moment. Reads only.
    """
    queue, call = entry.queue, entry.call
    if entry.status == QueueEntry.Status.CHOOSING or (entry.status not in QueueEntry.OPEN and call.heading_id):
        return [Leave()]  # the answer to the key was lost on its way
    if entry.status not in QueueEntry.UNANSWERED:
        return [Play(callbacks.music_file())]
    choices = list(queue.choices.select_related("destination")) if entry.kind == QueueEntry.Kind.LIVE else []
    said = [*first, *_announcements(entry), words.choices(choices)]
    url, seconds = music.of(queue)
    heard: list[Say | Play | Pause] = [Say(text, language=call.language) for text in said if text]
    heard.append(Play(url, loop=max(1, round(queue.announce_every_seconds / seconds))))
    leg = call.legs.open().filter(role=Leg.Role.CUSTOMER).first() if choices else None
    if leg is None:
        return [*heard]
    action = callbacks.choose(entry.public_id, leg.step)
    return [Gather(action=action, prompts=tuple(heard), num_digits=1, timeout_seconds=1, finish_on_key="")]


def _announcements(entry: QueueEntry) -> list[str]:
    queue, said = entry.queue, []
    if queue.announce_position:
        place = queues.position(entry)
        said.append("You are next." if place == 1 else f"You are number {place} in line.")
    if queue.announce_expected_wait and (seconds := queues.expected_wait_seconds(entry)) is not None:
        said.append(words.expected_wait(seconds))
    return [*said, queue.comfort_message]

"""The document for a line as the rows stand now."""

from __future__ import annotations

from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.carrier.verbs import DialRoom, Hangup, Play, Say, Verb
from apps.ivr import services as ivr
from apps.queues import services as queues
from apps.queues.models import QueueEntry
from apps.switchboard import entrances, words

MUSIC_SECONDS = 36  # the length of our hold music


def in_room(leg: Leg) -> list[Verb]:
    """Into the leg's room. The room ends when the customer leaves it; it goes on without anybody else."""
    customer = leg.role == Leg.Role.CUSTOMER
    return [
        DialRoom(
            leg.room.name,
            action=callbacks.step(leg.public_id, leg.step, "room"),
            end_on_exit=customer,
            wait_url=callbacks.hold_music(),
            status_url=callbacks.conference(leg.room.pk),
            label=str(leg.public_id),
        )
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
    if entry := call.queue_entries.in_line().select_related("queue").first():
        return [Say(words.ONE_MOMENT, language=call.language), entrances.wait_in_line(leg, entry)]
    if visit := call.visits.open().first():
        return entrances.follow(call, leg, ivr.ask_again(visit))
    return words.good_bye(words.LOST if call.answered_at else words.UNREACHABLE, call.language)


def waiting(entry: QueueEntry) -> list[Verb]:
    """What is heard in the queue: place and a kind word, then music until the next announcement. Reads only."""
    if entry.status not in (QueueEntry.Status.WAITING, QueueEntry.Status.OFFERED):
        return [Play(callbacks.music_file())]
    queue, language = entry.queue, entry.call.language
    said = []
    if queue.announce_position:
        place = queues.position(entry)
        said.append("You are next." if place == 1 else f"You are number {place} in line.")
    said.append(queue.comfort_message)
    loops = max(1, round(queue.announce_every_seconds / MUSIC_SECONDS))
    return [*(Say(text, language=language) for text in said if text), Play(callbacks.music_file(), loop=loops)]

"""Who hears whom, by ear: each leg says a tone, and a filter tells which tones reach whom."""

import array
import itertools
import math

from hypothesis import given
from hypothesis import strategies as st

from apps.sandbox.sound import codec, tones
from apps.sandbox.sound.hall import Recorder, Track
from apps.sandbox.sound.rules import Voice, heard_by, reaches

from .ears import Party, strength, tones_in


def test_in_a_conference_of_four_everybody_hears_the_other_three():
    party = Party("A", "B", "C", "D")
    assert party.hears() == {"A": "B C D", "B": "A C D", "C": "A B D", "D": "A B C"}


def test_one_who_is_muted_hears_all_and_is_heard_by_none():
    party = Party("A", "B", "C")
    party.change("C", muted=True)
    assert party.hears() == {"A": "B", "B": "A", "C": "A B"}


def test_on_hold_there_is_music_and_neither_side_hears_the_other():
    party = Party("A", "B", "C")
    party.change("A", hold=True)
    party.play("A", "music", times=0)
    assert party.hears(2) == {"A": "music", "B": "C", "C": "B"}


def test_on_hold_without_music_there_is_silence():
    party = Party("A", "B")
    party.change("A", hold=True)
    assert party.hears() == {"A": "", "B": ""}


def test_a_coach_is_heard_by_the_coached_leg_only_and_hears_everybody():
    party = Party("A", "B", "D")
    party.change("D", coach="B")
    assert party.hears() == {"A": "B", "B": "A D", "D": "A B"}


def test_a_coach_who_is_muted_only_listens():
    party = Party("A", "B", "D")
    party.change("D", coach="B", muted=True)
    assert party.hears() == {"A": "B", "B": "A", "D": "A B"}


def test_a_coach_who_barges_in_is_heard_by_all():
    party = Party("A", "B", "D")
    party.change("D", coach="B")
    party.listen()
    party.change("D", coach="")
    assert party.hears() == {"A": "B D", "B": "A D", "D": "A B"}


def test_one_who_leaves_is_heard_no_more_and_hears_nothing():
    party = Party("A", "B", "C")
    party.listen()
    party.change("C", room="")
    assert party.hears() == {"A": "B", "B": "A", "C": ""}
    del party.hall.legs["B"]
    assert party.hears() == {"A": "", "C": ""}


def test_those_who_change_the_room_meet_there():
    party = Party("A", "B", "C", "D")
    party.change("C", room="two")
    party.change("D", room="two")
    assert party.hears() == {"A": "B", "B": "A", "C": "D", "D": "C"}


def test_a_prompt_is_heard_alone_by_its_leg_and_then_the_room_again():
    party = Party("A", "B")
    party.play("A", "prompt", seconds=0.4)
    assert party.hears(0.4) == {"A": "prompt", "B": "A"}
    assert party.hears() == {"A": "B", "B": "A"}


def test_a_beep_sounds_to_the_whole_room_and_is_over():
    party = Party("A", "B")
    for leg in party.hall.legs.values():
        leg.hears = Track("beep", tones.beep())
    heard = party.listen(0.4)
    assert all(strength(pcm, 880) > 0.1 for pcm in heard.values())
    assert party.hears() == {"A": "B", "B": "A"}


def test_what_a_leg_says_arrives_as_loud_as_it_was_said():
    party = Party("A", "B")
    heard = party.listen(1)["A"]
    assert 0.19 < strength(heard, 700) < 0.21


def test_music_that_loops_has_no_seam():
    """The tone's period does not fit into a frame, so a seam in the wrong place would be a click."""
    party = Party("A")
    party.play("A", "music", seconds=0.05, times=0)
    whole = party.listen(1)["A"]
    samples = array.array("h", whole)
    steps = [abs(after - before) for before, after in itertools.pairwise(samples)]
    highest = 2 * math.sin(math.pi * 2300 / codec.RATE) * 0.2 * 32_767
    assert max(steps) < 1.1 * highest


@given(st.data())
def test_the_ear_agrees_with_the_rule_in_any_room(data):
    """Random rooms, holds, mutes and coaches of four; hypothesis prints the one that fails."""
    names = ["A", "B", "C", "D"]
    party = Party(*names)
    for name in names:
        others = [other for other in names if other != name]
        party.change(
            name,
            room=data.draw(st.sampled_from(["", "one", "two"])),
            muted=data.draw(st.booleans()),
            hold=data.draw(st.booleans()),
            coach=data.draw(st.sampled_from(["", *others])),
        )
    voices = [leg.voice for leg in party.hall.legs.values()]
    wanted = {voice.leg: " ".join(each.leg for each in heard_by(voice, voices)) for voice in voices}
    assert party.hears(0.06) == wanted


def test_nobody_hears_themselves():
    alone = Voice("A", room="one")
    assert not reaches(alone, alone)


def record(party: Party, seconds: float, **how: object) -> bytes:
    tape = bytearray()
    party.hall.recorders["RE"] = Recorder(tape.extend, **how)
    party.listen(seconds)
    return bytes(tape)


def channels_of(pcm: bytes) -> tuple[str, str]:
    samples = array.array("h", pcm)
    return tones_in(samples[::2].tobytes()), tones_in(samples[1::2].tobytes())


def test_the_customers_recording_holds_each_side_in_its_channel_and_never_the_whisper():
    party = Party("A", "B", "D")
    party.change("D", coach="B")
    tape = record(party, 1, leg="A", channels=2)
    assert len(tape) == 4 * codec.RATE
    assert channels_of(tape) == ("A", "B")


def test_the_whisper_is_not_in_the_recording_of_the_coached_leg_either():
    party = Party("A", "B", "D")
    party.change("D", coach="B")
    assert channels_of(record(party, 1, leg="B", channels=2)) == ("B", "A")


def test_a_rooms_recording_has_all_who_speak_to_it_and_no_coach():
    party = Party("A", "B", "C", "D")
    party.change("C", muted=True)
    party.change("D", coach="B")
    assert tones_in(record(party, 0.5, room="one")) == "A B"


def test_one_channel_holds_both_sides_and_one_track_one_side():
    assert tones_in(record(Party("A", "B"), 0.5, leg="A")) == "A B"
    assert tones_in(record(Party("A", "B"), 0.5, leg="A", track="inbound")) == "A"
    assert tones_in(record(Party("A", "B"), 0.5, leg="A", track="outbound")) == "B"


def test_a_pause_is_silent_in_the_recording_or_leaves_no_gap():
    party = Party("A", "B")
    assert record(party, 0.5, leg="A", paused=True) == bytes(codec.RATE)
    assert record(party, 0.5, leg="A", paused=True, skips=True) == b""


def test_a_recording_goes_on_in_silence_when_its_leg_is_gone():
    assert record(Party("A"), 0.5, leg="Z", channels=2) == bytes(2 * codec.RATE)


def test_the_hall_tells_who_began_and_who_ceased_to_speak():
    party = Party("A", "B")
    turned = []
    for tick in range(80):
        if tick == 20:
            party.hall.legs["A"].says = None
        party.hall.tick()
        turned += party.hall.turned
    assert turned == [("A", True), ("B", True), ("A", False)]

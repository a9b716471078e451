"""Conferences: rooms in which calls hear each other.

    init -> in-progress -> completed      a room of the same name afterwards is another room

It starts when two are in it and one of them may start it; until then each hears its wait document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..names import new_sid, rfc2822
from ..sound.rules import Voice
from ..twiml.outcome import Jump
from .calls import Call, Report
from .participants import Manner, Participant
from .recordings import Recording, Wanted

if TYPE_CHECKING:
    from .network import Network

__all__ = ["Conference", "Conferences", "Manner", "Participant"]


class Conference:
    def __init__(self, network: Network, friendly_name: str, manner: Manner) -> None:
        self.network, self.friendly_name = network, friendly_name
        self.sid = new_sid("CF")
        self.status = "init"
        self.created = self.updated = network.clock.now()
        self.participants: dict[str, Participant] = {}
        self.report = manner.report or Report()  # the first participant's word counts for all
        self.recording: Recording | None = None
        self.reason: str | None = None
        self.ended_by: str | None = None
        self._record = manner.record
        self._recording_report = manner.recording_report
        self._sequence = 0

    @property
    def open(self) -> bool:
        return self.status != "completed"

    @property
    def present(self) -> list[Participant]:
        """Those in the room, not those still being rung."""
        return [each for each in self.participants.values() if each.joined]

    def has(self, call_sid: str) -> bool:
        return call_sid in self.participants and self.participants[call_sid].joined

    def full(self, manner: Manner) -> bool:
        return len(self.present) >= min(250, manner.max_participants)

    def expect(self, call: Call, manner: Manner) -> Participant:
        """Somebody is being rung and will join."""
        participant = self.participants[call.sid] = Participant(self, call, manner)
        return participant

    def join(self, call: Call, manner: Manner) -> Participant:
        participant = self.participants.get(call.sid) or self.expect(call, manner)
        participant.joined = True
        call.places.append(participant)
        call.note("conference.joined", conference=self.sid, name=self.friendly_name, coach=manner.coach or None)
        self.tell("participant-join", "join", participant)
        if manner.beeps("onEnter"):
            for each in self.present:
                each.call.beep("conference")
        may_start = any(each.manner.start_on_enter for each in self.present)
        if self.status == "init" and len(self.present) >= 2 and may_start:
            self._start()
        elif self.status == "init":
            participant.wait_sound()
        self.network.changed(call)
        return participant

    def lose(self, participant: Participant, reason: str, *, kicked: bool = False) -> None:
        """A participant is gone; the room may end with it."""
        if self.participants.get(participant.call.sid) is not participant:
            return
        del self.participants[participant.call.sid]
        was_in, participant.joined = participant.joined, False
        self._left(participant, reason, was_in)
        if not self.open:
            return
        if was_in and participant.manner.end_on_exit:
            self.end(f"participant-with-end-conference-on-exit-{'kicked' if kicked else 'left'}", participant.call)
        elif not self.participants:
            self.end(f"last-participant-{'kicked' if kicked else 'left'}", participant.call)
        elif was_in and participant.manner.beeps("onExit"):
            for each in self.present:
                each.call.beep("conference")

    def end(self, reason: str, by: Call | None = None) -> None:
        """Everybody out; the legs go on after their Dial, those being rung are canceled."""
        if not self.open:
            return
        self.status, self.reason, self.ended_by = "completed", reason, by.sid if by else None
        self.updated = self.network.clock.now()
        told = "conference_ended_via_api" if reason == "conference-ended-via-api" else "moderator_ended_conference"
        leaving, self.participants = list(self.participants.values()), {}
        for participant in leaving:
            was_in, participant.joined = participant.joined, False
            self._left(participant, told, was_in)
        if self.recording is not None:
            self.recording.stop()
        extra = {"CallSidEndingConference": self.ended_by or "", "ReasonConferenceEnded": reason, "Reason": reason}
        self.tell("conference-end", "end", None, {name: value for name, value in extra.items() if value})
        self.network.fact("conference.ended", conference=self.sid, name=self.friendly_name, reason=reason)
        for participant in leaving:
            participant.release()
            if participant.call.status in ("queued", "ringing"):
                participant.call.end("canceled")

    # Changing how somebody takes part

    def hold(self, participant: Participant, hold: bool, url: str = "", method: str = "GET") -> None:
        manner = participant.manner
        if hold:
            manner.hold_url, manner.hold_method = url, method
        if manner.hold != hold or (hold and url):
            manner.hold = hold
            participant.call.note("conference.held" if hold else "conference.unheld", conference=self.sid)
            self.tell("participant-hold" if hold else "participant-unhold", "hold", participant)
            if hold:
                participant.hold_sound()
            else:
                participant.stop_sound()
                if self.status == "init":
                    participant.wait_sound()

    def mute(self, participant: Participant, muted: bool) -> None:
        if participant.manner.muted != muted:
            participant.manner.muted = muted
            participant.call.note("conference.muted" if muted else "conference.unmuted", conference=self.sid)
            self.tell("participant-mute" if muted else "participant-unmute", "mute", participant)

    def coach(self, participant: Participant, coaching: bool, sid: str) -> None:
        participant.coaching = coaching
        participant.manner.coach = sid if coaching else ""
        participant.call.note("conference.coaching", conference=self.sid, coach=participant.manner.coach or None)
        self.tell("participant-modify", "modify", participant)

    def announce(self, url: str, method: str) -> None:
        for participant in self.present:
            participant.announce(Jump(url, method, kind="announce"))

    # Words about it

    def tell(
        self, event: str, asked: str, participant: Participant | None = None, extra: dict[str, str] | None = None
    ) -> None:
        """A conference event, where it was asked for."""
        if not self.report.url or asked not in self.report.events:
            return
        self._sequence += 1
        params = {
            "ConferenceSid": self.sid,
            "FriendlyName": self.friendly_name,
            "AccountSid": self.network.settings.account_sid,
            "SequenceNumber": str(self._sequence),
            "Timestamp": rfc2822(self.network.clock.now()) or "",
            "StatusCallbackEvent": event,
        }
        if participant is not None:
            manner = participant.manner
            params |= {
                "CallSid": participant.call.sid,
                "Muted": _word(manner.muted),
                "Hold": _word(manner.hold),
                "Coaching": _word(participant.coaching),
                "EndConferenceOnExit": _word(manner.end_on_exit),
                "StartConferenceOnEnter": _word(manner.start_on_enter),
            }
            if participant.coaching:
                params["CallSidToCoach"] = manner.coach
            if manner.label:
                params["ParticipantLabel"] = manner.label
        self.network.webhooks.tell(
            self.report.url, self.report.method, params | (extra or {}), kind=f"conference.{event}", sid=self.sid
        )

    def _left(self, participant: Participant, reason: str, was_in: bool) -> None:
        if was_in:
            participant.call.note("conference.left", conference=self.sid, name=self.friendly_name, reason=reason)
        told = {"ReasonParticipantLeft": reason if was_in else "participant_add_failed"}
        told["ParticipantCallStatus"] = participant.call.status
        self.tell("participant-leave", "leave", participant, told)

    def _start(self) -> None:
        self.status = "in-progress"
        self.updated = self.network.clock.now()
        self.network.fact("conference.started", conference=self.sid, name=self.friendly_name)
        self.tell("conference-start", "start")
        for each in self.present:
            if not each.manner.hold:
                each.stop_sound()
        if self._record and self.present:
            wanted = Wanted("Conference", report=self._recording_report)
            self.recording = self.network.recordings.start(wanted, call=self.present[0].call, conference=self)


class Conferences:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Conference] = {}
        self._open: dict[str, Conference] = {}

    def by_name(self, name: str) -> Conference | None:
        found = self._open.get(name)
        return found if found is not None and found.open else None

    def open(self, name: str, manner: Manner) -> Conference:
        """The room of this name, made when there is none."""
        conference = self.by_name(name)
        if conference is None:
            conference = self._open[name] = Conference(self.network, name, manner)
            self.rows[conference.sid] = conference
        return conference

    def of(self, call: Call) -> Participant | None:
        """How this call takes part in a conference, if it does."""
        return next((place for place in call.places if isinstance(place, Participant)), None)

    def voice(self, call: Call) -> Voice:
        """How this call takes part in what is said: in its room once that has started, else alone."""
        here = self.of(call)
        if here is None or here.conference.status != "in-progress":
            return Voice(call.sid)
        manner = here.manner
        muted = manner.muted or call.mic_muted
        return Voice(call.sid, here.conference.sid, muted=muted, hold=manner.hold, coach=manner.coach)

    def clear(self) -> None:
        self.rows.clear()
        self._open.clear()


def _word(flag: bool) -> str:
    return "true" if flag else "false"

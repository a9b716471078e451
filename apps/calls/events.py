from apps.core.events import declare

declare("calls.opened", "An {direction} call: {customer} and our number {ours}.", ["direction", "customer", "ours"])
declare("calls.leg_added", "We ask the carrier to ring the {role} ({address}).", ["role", "address"])
declare("calls.ringing", "The {role}'s phone rings.", ["role"])
declare("calls.picked_up", "The {role} picked up.", ["role"])
declare("calls.leg_ended", "The {role}'s line ended: {status}.", ["role", "status"])
declare(
    "calls.report_ignored",
    "A late or repeated report ({status}) of the {role}'s line changed nothing.",
    ["role", "status"],
)
declare("calls.dial_refused", "The carrier refused to ring the {role}: {sentence}", ["role", "sentence", "code"])
declare("calls.dial_uncertain", "The carrier's answer was lost while ringing the {role}; we are finding out.", ["role"])
declare("calls.stray_ended", "A second line for the same {role} appeared and was ended.", ["role"])
declare("calls.reconciled", "The carrier says the {role}'s line is {status}.", ["role", "status"])
declare("calls.joined", "The {role} is in the room.", ["role"])
declare("calls.parted", "The {role} left the room.", ["role"])
declare("calls.announced", "The customer has heard that the call may be recorded.")
declare("calls.connected", "{operator} and the customer are connected.", ["operator"])
declare("calls.held", "The {role} is put on hold.", ["role"])
declare("calls.resumed", "The {role} is taken off hold.", ["role"])
declare("calls.hold_failed", "The carrier did not carry out the hold of the {role}: {sentence}", ["role", "sentence"])
declare("calls.voice_changed", "The {role} is now heard by {heard_by}.", ["role", "heard_by"])
declare(
    "calls.voice_failed",
    "The carrier did not change who hears the {role}: {sentence}",
    ["role", "sentence"],
)
declare("calls.sound_bad", "The {role}'s line sounds bad: {complaint}.", ["role", "complaint"])
declare("calls.sound_good", "The {role}'s line sounds well again.", ["role"])
declare("calls.hang_up_asked", "{by} ends the {role}'s line.", ["role", "by"])
declare("calls.closed", "The call is over: {outcome}.", ["outcome"])
declare("calls.classified", "Filed as “{disposition}”.", ["disposition"])
declare("calls.fields_filled", "The fields about the call were filled in.")
declare("calls.noted", "The note was changed.")

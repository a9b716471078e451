from apps.core.events import declare

declare("queues.joined", "The caller joined {queue} at place {position}.", ["queue", "position", "front"])
declare("queues.turned_away", "{queue} did not take the call: {why}", ["queue", "why", "reason"])
declare("queues.offered", "{queue} rings {operator}. {why}", ["queue", "operator", "why"])
declare("queues.accepted", "{operator} took the call from {queue} after {waited} s.", ["queue", "operator", "waited"])
declare("queues.declined", "{operator} declined; the caller keeps the place.", ["queue", "operator", "why"])
declare("queues.missed", "{operator} did not answer; the caller keeps the place.", ["queue", "operator", "why"])
declare("queues.withdrawn", "The offer to {operator} was withdrawn: {why}", ["queue", "operator", "why"])
declare("queues.abandoned", "The caller gave up waiting in {queue} after {waited} s.", ["queue", "waited"])
declare("queues.overflowed", "{queue} passed the call on after {waited} s.", ["queue", "waited"])
declare("queues.moved", "The caller left {queue} for another queue.", ["queue", "waited"])
declare(
    "queues.chose", "The caller pressed {pressed} and goes to {destination}.",
    ["queue", "pressed", "destination", "waited"],
)  # fmt: skip
declare("queues.choosing", "The caller asks to be called back; the place in {queue} is kept.", ["queue"])
declare("queues.waits_on", "The caller goes on waiting in {queue}, in the old place.", ["queue"])
declare("queues.callback_asked", "{queue} will call back {number}; the place is kept.", ["queue", "number"])
declare("queues.callback_kept", "{queue} will call back {number} already; that place stands.", ["queue", "number"])
declare("queues.callback_begun", "{queue} calls back, try {n}.", ["queue", "n"])
declare(
    "queues.callback_reached", "The callback from {queue} is done: {operator} talks with the customer.",
    ["queue", "operator", "n"],
)  # fmt: skip
declare("queues.callback_failed", "Try {n} of the callback from {queue} led to nothing: {why}", ["queue", "n", "why"])
declare("queues.callback_expired", "{queue} gives the callback up: {why}", ["queue", "why"])
declare("queues.callback_cancelled", "The callback from {queue} is cancelled: {why}", ["queue", "why"])
declare("queues.callback_rescheduled", "The next try of the callback from {queue} is due at {due}.", ["queue", "due"])
declare("queues.requeued", "{operator} was lost; the caller waits in {queue} again, in front.", ["queue", "operator"])
declare("queues.finished", "The conversation from {queue} with {operator} is over.", ["queue", "operator", "seconds"])
declare("queues.healed", "The sweep put a place in {queue} right: {why}", ["queue", "why"])
declare("queues.signed_in", "{operator} takes the calls of {queue} again.", ["operator", "queue"])
declare("queues.signed_out", "{operator} takes no calls of {queue} for a while.", ["operator", "queue"])
declare("queues.put_first", "The caller was put first in {queue}.", ["queue"])
declare("queues.handed", "The caller was handed to {operator} in {queue}.", ["queue", "operator"])
declare("queues.handed_back", "The caller in {queue} is no longer kept for {operator}: {why}.",
        ["queue", "operator", "why"])  # fmt: skip
declare("queues.priority_changed", "The caller's priority in {queue} is {priority} now; it was {before}.",
        ["queue", "priority", "before"])  # fmt: skip

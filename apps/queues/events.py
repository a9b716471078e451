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
declare("queues.requeued", "{operator} was lost; the caller waits in {queue} again, in front.", ["queue", "operator"])
declare("queues.finished", "The conversation from {queue} with {operator} is over.", ["queue", "operator", "seconds"])
declare("queues.healed", "The sweep put a place in {queue} right: {why}", ["queue", "why"])
declare("queues.put_first", "The caller was put first in {queue}.", ["queue"])
declare("queues.handed", "The caller was handed to {operator} in {queue}.", ["queue", "operator"])
declare("queues.handed_back", "The caller in {queue} is no longer kept for {operator}: {why}.",
        ["queue", "operator", "why"])  # fmt: skip
declare("queues.priority_changed", "The caller's priority in {queue} is {priority} now; it was {before}.",
        ["queue", "priority", "before"])  # fmt: skip

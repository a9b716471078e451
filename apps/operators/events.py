from apps.core.events import declare

declare(
    "operators.presence_changed", "{operator} is now {presence} ({reason}).",
    ["operator", "presence", "reason", "before", "seconds"],
)  # fmt: skip
declare("operators.engaged", "{operator} is taken: {purpose}.", ["operator", "purpose", "due_at"])
declare("operators.released", "{operator} is done after {seconds} s: {purpose}.", ["operator", "purpose", "seconds"])
declare("operators.wrap_up_extended", "{operator} takes {seconds} s more for the wrap-up.", ["operator", "seconds"])
declare("operators.unreachable", "{operator}'s desk cannot ring: {reason}.", ["operator", "reason"])
declare("operators.reachable", "{operator}'s desk can ring again.", ["operator"])
declare("operators.sent_on_break", "{operator} was put on a break: {why}", ["operator", "why"])

from apps.core.events import declare

declare(
    "operators.presence_changed", "{operator} is now {presence} ({reason}).",
    ["operator", "presence", "reason", "before", "seconds"],
)  # fmt: skip
declare("operators.engaged", "{operator} is taken: {purpose}.", ["operator", "purpose", "due_at"])
declare("operators.released", "{operator} is done after {seconds} s: {purpose}.", ["operator", "purpose", "seconds"])
declare("operators.unreachable", "{operator}'s desk cannot ring. {reason}", ["operator", "reason"])
declare("operators.wrap_up_extended", "{operator} takes {seconds} s more for the wrap-up.", ["operator", "seconds"])
declare("operators.message_sent", "{by} wrote to {to}.", ["by", "to", "copies"])
declare("operators.message_read", "{operator} has read a message.", ["operator"])
declare("operators.asked_help", "{operator} asks for help. {note}", ["operator", "note"])
declare("operators.helped", "{operator} has been helped.", ["operator"])
declare("operators.reachable", "{operator}'s desk can ring again.", ["operator"])
declare(
    "operators.break_overrun", "{operator}'s break ({reason}) is longer than {limit}.", ["operator", "reason", "limit"]
)
declare("operators.sent_on_break", "{operator} was put on a break: {why}", ["operator", "why"])

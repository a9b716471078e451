from apps.core.events import declare

declare("notify.warned", "Needs attention: {text}", ["text", "times"])
declare("notify.resolved", "Put right: {text}", ["text", "times"])
declare("notify.message_failed", "The {channel} could not be sent: {reason}", ["channel", "reason"])
declare("notify.sent_again", "The {channel} was sent once more by hand.", ["channel"])

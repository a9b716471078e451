"""Which verbs may run where."""

CALL = frozenset({"Say", "Play", "Pause", "Gather", "Dial", "Enqueue", "Record", "Redirect", "Hangup", "Reject"})
QUEUE_WAIT = frozenset({"Say", "Play", "Pause", "Hangup", "Redirect", "Leave", "Gather"})
LISTEN = frozenset({"Say", "Play", "Pause", "Redirect"})  # conference wait, hold, announcements, a queue's whisper
WHISPER = frozenset({"Say", "Play", "Pause", "Gather", "Hangup", "Redirect"})  # before a dialled phone is bridged

from django.dispatch import Signal

# Both are sent after commit (see core.announce) with keys only.
leg_moved = Signal()  # provides: leg_id, call_id, status - a leg reached another status
call_changed = (
    Signal()
)  # provides: call_id - anything else about a call: opened, answered, held, joined, over, classified

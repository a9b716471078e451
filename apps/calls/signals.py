from django.dispatch import Signal

# Both are sent after commit (see core.announce), with keys and with what saves receivers a look at the rows.
# A leg reached another status. Provides: leg_id, call_id, client_id, operator_id, status.
leg_moved = Signal()
# Anything else about a call: opened, answered, held, joined, over, classified. Provides: call_id, client_id, status
# (the call's).
call_changed = Signal()

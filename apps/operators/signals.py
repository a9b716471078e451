from django.dispatch import Signal

# Sent after commit (see core.announce) with keys only.
operator_changed = Signal()  # provides: operator_id - presence, engagement or reachability is another

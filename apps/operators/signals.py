from django.dispatch import Signal

# Sent after commit (see core.announce). Provides: operator_id, client_id.
operator_changed = Signal()  # presence, engagement or reachability is another

from django.dispatch import Signal

# Sent after commit (see core.announce). Provides: operator_id, client_id, and engaged where something holds them now.
operator_changed = Signal()  # presence, engagement or reachability is another

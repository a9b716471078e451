from django.dispatch import Signal

# Sent after commit (see core.announce) with keys only.
queue_changed = Signal()  # provides: queue_id, entry_id (None: the queue itself) - a place in a queue is another

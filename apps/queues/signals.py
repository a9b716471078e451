from django.dispatch import Signal

# Sent after commit (see core.announce). Provides: queue_id, client_id, entry_id (None: the queue itself).
queue_changed = Signal()  # a place in a queue is another

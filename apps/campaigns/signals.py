from django.dispatch import Signal

# Sent after commit: started, paused, a try ended. Provides: campaign_id, client_id.
campaign_changed = Signal()

from apps.queues.api.desk import DeskViewSet
from apps.queues.api.lines import OfferViewSet, QueueEntryViewSet
from apps.queues.api.queues import QueueViewSet

routes = [
    ("operators", DeskViewSet),
    ("queues", QueueViewSet),
    ("queue-entries", QueueEntryViewSet),
    ("offers", OfferViewSet),
]

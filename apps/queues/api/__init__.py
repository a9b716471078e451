from apps.queues.api.desk import DeskViewSet
from apps.queues.api.lines import OfferViewSet
from apps.queues.api.queues import QueueViewSet

routes = [
    ("operators", DeskViewSet),
    ("queues", QueueViewSet),
    ("offers", OfferViewSet),
]

from apps.queues.api.callbacks import CallbackViewSet
from apps.queues.api.desk import DeskViewSet
from apps.queues.api.lines import OfferViewSet
from apps.queues.api.people import CallerViewSet
from apps.queues.api.queues import QueueViewSet

routes = [
    ("operators", DeskViewSet),
    ("people", CallerViewSet),
    ("queues", QueueViewSet),
    ("offers", OfferViewSet),
    ("callbacks", CallbackViewSet),
]

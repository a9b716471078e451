from apps.campaigns.api.active import ActiveCallsViewSet
from apps.campaigns.api.campaigns import CampaignViewSet
from apps.campaigns.api.contacts import ContactListViewSet, DoNotCallViewSet
from apps.campaigns.api.imports import ImportViewSet
from apps.campaigns.api.promises import PromisedCallViewSet

routes = [
    ("campaigns", CampaignViewSet),
    ("contact-lists", ContactListViewSet),
    ("contact-imports", ImportViewSet),
    ("do-not-call", DoNotCallViewSet),
    ("promised-calls", PromisedCallViewSet, "promised-call"),
    ("active-calls", ActiveCallsViewSet, "active-call"),
]

from apps.campaigns.api.active import ActiveCallsViewSet
from apps.campaigns.api.campaigns import CampaignViewSet
from apps.campaigns.api.contacts import ContactListViewSet, DoNotCallViewSet

routes = [
    ("campaigns", CampaignViewSet),
    ("contact-lists", ContactListViewSet),
    ("do-not-call", DoNotCallViewSet),
    ("active-calls", ActiveCallsViewSet, "active-call"),
]

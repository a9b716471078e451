"""Whom we call (`contacts`), what for (`campaign`), and what came of it (`dialling`)."""

from apps.campaigns.models.campaign import Campaign, RetryRule
from apps.campaigns.models.contacts import Contact, ContactList, ContactNumber, Import, ImportRow
from apps.campaigns.models.dialling import Attempt, DoNotCall, Permission, Target
from apps.campaigns.models.previews import Preview

__all__ = [
    "Attempt", "Campaign", "Contact", "ContactList", "ContactNumber", "DoNotCall", "Import", "ImportRow", "Permission",
    "Preview", "RetryRule", "Target",
]  # fmt: skip

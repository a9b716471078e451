from apps.calls.models.call import Call, Disposition, Room
from apps.calls.models.leg import Leg, LegQuerySet
from apps.calls.models.sound import SoundBucket, SoundLimits
from apps.calls.models.transfer import Transfer

__all__ = ["Call", "Disposition", "Leg", "LegQuerySet", "Room", "SoundBucket", "SoundLimits", "Transfer"]

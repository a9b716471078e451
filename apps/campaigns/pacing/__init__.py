"""How many numbers a campaign dials now, and why.

Pure: a `Situation` in, an `Advice` out; no database, no clock, no chance of its own. The same code paces live campaigns
and the simulation (`manage.py bench pacing`).
"""

from apps.campaigns.pacing.memory import Memory
from apps.campaigns.pacing.predictive import Predictive
from apps.campaigns.pacing.simple import Agentless, Power, Preview, Progressive
from apps.campaigns.pacing.values import Advice, Pacer, Seen, Situation

__all__ = [
    "Advice", "Agentless", "Memory", "Pacer", "Power", "Predictive", "Preview", "Progressive", "Seen", "Situation",
]  # fmt: skip

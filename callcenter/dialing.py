"""The dialer as one process: all that a campaign's calls need to come to their end, without a broker."""

from apps.campaigns.loop import CARE_EVERY_S, Loop
from apps.operators import tasks as operators
from apps.queues import tasks as queues
from apps.switchboard import sweeper


def dialing_loop(*, care_every_s: float = CARE_EVERY_S) -> Loop:
    """A loop that also does what beat has the apps around the campaigns do."""
    return Loop(sweeper.sweep, operators.sweep, queues.sweep, care_every_s=care_every_s)

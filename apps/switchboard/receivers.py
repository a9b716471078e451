from apps.calls import state
from apps.switchboard import reactions


def on_leg_moved(leg_id: int, status: str, **_facts) -> None:
    """A line ended: see what that means for its call."""
    if status in state.FINAL:
        reactions.leg_moved(leg_id)

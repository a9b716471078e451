from apps.switchboard import reactions


def on_leg_moved(leg_id: int, **_facts) -> None:
    """A line reached another status: see what that means for its call."""
    reactions.leg_moved(leg_id)

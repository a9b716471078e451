from apps.calls.models import Call
from apps.ivr import services


def on_call_changed(call_id: int, **_kwargs) -> None:
    """A caller who hung up in the menu has left it."""
    over = Call.objects.filter(pk=call_id, status=Call.Status.OVER, visits__ended_at__isnull=True, visits__isnull=False)
    for call in over.distinct():
        services.leave(call, "the caller hung up")

"""How spans of time and lists of names are written for people."""

from collections.abc import Iterable


def span(seconds: float) -> str:
    """Seconds as people read them: 4:05, or 1:02:09."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def names(rows: Iterable[str], most: int = 4) -> str:
    """ "Ana, Ben and Cora"; "Ana, Ben, Cora, Dan and 3 more"."""
    found = list(rows)
    shown = [*found[:most], f"{len(found) - most} more"] if len(found) > most else found
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

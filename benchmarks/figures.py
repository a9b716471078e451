"""Numbers and how they are shown. Pure, but for the questions about the machine."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed (nearest rank); NaN for none."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as they must be: the first to the left, figures to the right."""
    cells = [list(map(str, row)) for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = []
    for row in cells:
        first, *rest = (
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def load_average() -> float:
    """Of the last minute: how busy the machine is with this and with other things."""
    return round(os.getloadavg()[0], 2)


def machine() -> dict[str, object]:
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory of a process in MB (10^6 bytes), and its fair share of what it shares with others; 0 when gone.

    Only the shares may be added up: PostgreSQL's processes all show the same buffers as resident.
    """
    found = {"Rss": 0.0, "Pss": 0.0}
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
            for line in rollup:
                name, _, rest = line.partition(":")
                if name in found:
                    found[name] = int(rest.split()[0]) * 1024 / 1e6
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended meanwhile, or this is not Linux
    return found["Rss"], found["Pss"]


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            below = [int(child) for child in children.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(each for child in below for each in family(child))]


def memory_of(pid: int) -> dict[str, float]:
    """A process with its descendants: `rss` of the largest one, `share` of them all, in MB; how many `processes`."""
    each = [memory_mb(member) for member in family(pid)]
    rss, share = max((rss for rss, _ in each), default=0.0), sum(share for _, share in each)
    return {"rss": round(rss, 1), "share": round(share, 1), "processes": len(each)}


def cpu_seconds(pid: int) -> float:
    """Processor time that a process and its descendants have used."""
    spent = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/stat", encoding="ascii") as stat:
                # Fields 14 and 15; the 2nd is a name in brackets that may hold spaces.
                spent += sum(map(int, stat.read().rpartition(")")[2].split()[11:13]))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return spent / os.sysconf("SC_CLK_TCK")

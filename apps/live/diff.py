"""What changed between two pictures of the board. Pure."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
Picture = dict[str, list[Row]]  # table -> rows, each with an "id"
Delta = dict[str, dict[str, list]]  # table -> {"put": rows, "drop": ids}; tables without a change are left out


def diff(old: Picture, new: Picture) -> Delta:
    """The rows to put and the ids to drop that lead from `old` to `new`. The order of rows carries no meaning."""
    delta: Delta = {}
    for table, rows in new.items():
        before = {row["id"]: row for row in old.get(table, [])}
        put = [row for row in rows if before.pop(row["id"], None) != row]
        if put or before:
            delta[table] = {"put": put, "drop": list(before)}
    return delta


def apply(picture: Picture, delta: Delta) -> Picture:
    """`picture` after `delta`, as a browser does it."""
    after = dict(picture)
    for table, change in delta.items():
        rows = {row["id"]: row for row in picture.get(table, [])}
        rows |= {row["id"]: row for row in change["put"]}
        for row_id in change["drop"]:
            rows.pop(row_id, None)
        after[table] = list(rows.values())
    return after

"""Measurements: each file is one, run by `manage.py bench NAME`; the rest is what they share.

A measurement is a module with `add_options(parser)` and `run(house, options) -> dict`; its docstring's first line says
what it measures. It prints a table for people; the returned figures are printed as one JSON object on the last line.
"""

# In the order in which a reader meets them.
NAMES = (
    "webhook", "asgi", "ivr", "calls", "load", "queueing", "pacing", "dispatch", "dialer-chaos", "limiter", "import",
    "board", "reports", "start", "sound",
)  # fmt: skip
# bin/run brings servers of its own; virtual time and the sound engine need none.
WITHOUT_SERVERS = ("queueing", "pacing", "start", "sound")


def module_of(name: str) -> str:
    """The file of a measurement: a name as one types it has hyphens, a module has none, nor is it a word of Python."""
    return "importing" if name == "import" else name.replace("-", "_")

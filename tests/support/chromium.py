"""The system's Chromium, as tests and pictures start it: it calls nobody outside."""

import os

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# What Playwright's launch() takes.
LAUNCH: dict[str, object] = {
    "executable_path": CHROMIUM,
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}

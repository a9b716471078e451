"""What the phone company is told from outside: its account, keys and limits."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Names and secrets of the one account; the defaults let the sandbox start bare."""

    account_sid: str = "AC" + "5a" * 16
    auth_token: str = "5a" * 16
    api_key: str = "SK" + "5a" * 16
    api_secret: str = "sandbox-secret-" + "5a" * 16
    app_sid: str = "AP" + "5a" * 16
    calls_per_second: float = 0.0
    queue_size: int = 1000
    sound_url: str = ""  # of the sound engine; without one there is no sound
    sound_secret: str = ""
    sound_folder: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """Read SANDBOX_*; an empty variable counts as absent."""
        said = {name: value for name, value in os.environ.items() if name.startswith("SANDBOX_") and value}
        return cls(
            account_sid=said.get("SANDBOX_ACCOUNT_SID", cls.account_sid),
            auth_token=said.get("SANDBOX_AUTH_TOKEN", cls.auth_token),
            api_key=said.get("SANDBOX_API_KEY", cls.api_key),
            api_secret=said.get("SANDBOX_API_SECRET", cls.api_secret),
            app_sid=said.get("SANDBOX_APP_SID", cls.app_sid),
            calls_per_second=float(said.get("SANDBOX_CPS", cls.calls_per_second)),
            sound_url=said.get("SANDBOX_SOUND_URL", ""),
            sound_secret=said.get("SANDBOX_SOUND_SECRET", ""),
            sound_folder=said.get("SANDBOX_SOUND_FOLDER", ""),
            queue_size=int(said.get("SANDBOX_QUEUE_SIZE", cls.queue_size)),
        )

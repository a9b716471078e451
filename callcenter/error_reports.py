"""Error reports to Sentry, when SENTRY_DSN names one. Imported only then: the library takes half a second."""

from typing import Any

import sentry_sdk

from .log import masked


def _clean(event: Any, hint: Any) -> Any:
    return masked(event)


def send_to(dsn: str) -> None:
    """Report errors there: no bodies of requests, no people, no local variables, numbers and tokens masked."""
    sentry_sdk.init(
        dsn,
        send_default_pii=False,
        max_request_body_size="never",
        include_local_variables=False,
        before_send=_clean,
        before_breadcrumb=_clean,
    )

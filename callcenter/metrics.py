"""`/metrics` for Prometheus. The figures are read from the tables at the moment of the scrape: counters kept in one
process would tell a part of the truth, because web and worker are several."""

import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from django.apps import apps
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from . import health


class CallCenterCollector(Collector):
    """What happens on the phones right now."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        call = apps.get_model("calls", "Call")
        entry = apps.get_model("queues", "QueueEntry")
        operator = apps.get_model("operators", "Operator")
        engagement = apps.get_model("operators", "Engagement")
        yield GaugeMetricFamily("callcenter_calls_open", "Calls in progress.", value=call.objects.open().count())

        waiting = GaugeMetricFamily("callcenter_callers_waiting", "Callers waiting for an operator.", labels=["queue"])
        for name, callers in entry.objects.waiting().order_by().values_list("queue__name").annotate(Count("pk")):
            waiting.add_metric([name], callers)
        yield waiting

        operators = GaugeMetricFamily("callcenter_operators", "Operators by presence.", labels=["presence"])
        for presence, people in operator.objects.order_by().values_list("presence").annotate(Count("pk")):
            operators.add_metric([presence], people)
        yield operators

        busy = engagement.objects.filter(ended_at__isnull=True).count()
        yield GaugeMetricFamily("callcenter_operators_busy", "Operators with an engagement.", value=busy)

        missing = GaugeMetricFamily("callcenter_part_ready", "1 when the part answers.", labels=["part"])
        for name, check in health.CHECKS.items():
            missing.add_metric([name], 0 if check() else 1)
        yield missing


registry = CollectorRegistry(auto_describe=False)
registry.register(CallCenterCollector())


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for a scraper on this machine or one that sends METRICS_TOKEN as its bearer token."""
    if not (_on_this_machine(request) or _has_token(request)):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _on_this_machine(request: HttpRequest) -> bool:
    # A proxy on this machine speaks for somebody else.
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_X_FORWARDED_PROTO" in request.META
    address = request.META.get("REMOTE_ADDR") or ""
    try:
        return not forwarded and ip_address(address).is_loopback
    except ValueError:
        return False


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())

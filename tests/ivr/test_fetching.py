"""What a web service is asked, and what is never asked."""

import threading

import pytest

from apps.ivr import fetching
from apps.ivr.fetching import NoAnswer, fetch, may_reach
from tests.support.https import WebService, said


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    service = WebService(tmp_path_factory.mktemp("https"))
    yield service
    service.stop()


@pytest.fixture(autouse=True)
def house(settings, service):
    settings.LOOKUP_NETWORKS = ["127.0.0.0/8"]
    settings.LOOKUP_CA_FILE = str(service.ca_file)


def ask(service: WebService, path: str = "good", *, timeout_seconds: float = 5, **headers: str):
    return fetch(service.address, path, headers=headers, timeout_seconds=timeout_seconds)


def test_an_answer_comes_back_and_the_key_is_sent_along(service):
    service.answers["/api/orders/7?for=a%26b"] = said(state="late")

    assert ask(service, "orders/7?for=a%26b", Authorization="Bearer of a key") == {"state": "late"}
    assert service.headers["Authorization"] == "Bearer of a key"
    assert service.headers["Host"] in service.address


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"{}", "it answered 500"), (404, b"{}", "it answered 404"), (302, b"", "it answered 302"),
        (200, b"<html>", "its answer is no JSON"), (200, b"\xff", "its answer is no JSON"),
        (200, b"[" + b"1," * 40_000 + b"1]", "its answer is larger than 64 KB"),
        (200, b"[" * 60_000, "its answer is no JSON"),
    ],
)  # fmt: skip
def test_an_answer_that_is_of_no_use_says_why(service, status, body, why):
    service.answers["/api/bad"] = (status, body)

    with pytest.raises(NoAnswer, match=why):
        ask(service, "bad")


@pytest.mark.parametrize("drips", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n["])
def test_an_answer_that_drips_is_cut_off_in_time(service, drips):
    cut = threading.Event()

    def slowly(handler):
        handler.wfile.write(drips)
        while not cut.wait(0.05):
            try:
                handler.wfile.write(b"1")
            except OSError:
                cut.set()

    service.answers["/api/slow"] = slowly

    with pytest.raises(NoAnswer, match="did not answer in time"):
        ask(service, "slow", timeout_seconds=0.5)
    assert cut.wait(5), "The connection is still open."


@pytest.mark.parametrize("path", ["../secret", "a/../../b", "%2e%2e/b", "a b", "é", "a#b", "a\\b", "a\r\nX: y"])
def test_a_path_that_leads_elsewhere_is_not_asked(service, path):
    before = len(service.asked)

    with pytest.raises(NoAnswer, match="the path"):
        ask(service, path)

    assert len(service.asked) == before


@pytest.mark.parametrize(
    "address",
    ["http://orders.example.com/", "https://a:b@orders.example.com/", "https:///x", "file:///etc/passwd",
     "https://orders.example.com/?x=1", "https://orders.example.com/#x"],
)  # fmt: skip
def test_an_address_is_https_and_plain(address):
    with pytest.raises(NoAnswer, match="its address is not of the form"):
        fetching.split(address, "")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.8", "64:ff9b::a00:8", "2002:a00:8::1",
     "ff02::1"],
)  # fmt: skip
def test_what_is_not_public_is_not_reached_unless_allowed(settings, address):
    settings.LOOKUP_NETWORKS = []
    assert not may_reach(address)
    settings.LOOKUP_NETWORKS = ["10.0.0.0/16"]
    assert may_reach(address) == (address in ("10.0.0.8", "::ffff:10.0.0.8"))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_what_is_public_is_reached(settings, address):
    settings.LOOKUP_NETWORKS = []
    assert may_reach(address)


def test_this_machine_is_not_asked_when_it_is_not_allowed(settings, service):
    settings.LOOKUP_NETWORKS = []
    before = len(service.asked)

    with pytest.raises(NoAnswer, match="private network"):
        ask(service)

    assert len(service.asked) == before


def test_a_certificate_that_nobody_vouches_for_is_refused(settings, service):
    settings.LOOKUP_CA_FILE = ""

    with pytest.raises(NoAnswer, match="certificate"):
        ask(service)


def test_nobody_there_is_said(service):
    with pytest.raises(NoAnswer, match="cannot be reached"):
        fetch("https://127.0.0.1:1/", "", headers={}, timeout_seconds=1)

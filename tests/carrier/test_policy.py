"""Toll fraud and slips of the finger: what must never be dialled, by whichever path."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.carrier import policy, twiml
from apps.carrier.verbs import DialNumber
from apps.core.refused import Refused
from apps.destinations import services as destinations

ROOT = Path(__file__).resolve().parents[2]


def numbers(text: str) -> list[str]:
    return [line.split("#")[0].strip() for line in text.strip().splitlines()]


EMERGENCY = [
    "911", "112", "999", "000", "110", "111", "113", "115", "117", "118", "119", "122", "190", "191", "192", "193",
    "997", "998", "+911", "+112", "+999", "1911", "+1911", "+1 911", "44999", "+44 999", "+61000", "9-1-1", " 911",
    "911#", "(911)",
]  # fmt: skip

NOT_A_NUMBER = [
    "", " ", "+", "+1", "0", "1", "14155550123", "4155550123", "(415) 555-0123", "+1 415 555 0123", "+1-415-555-0123",
    "++14155550123", "+14155550123 ", " +14155550123", "+14155550123\n", "\n+14155550123",
    "+1415555012x", "+1415555O123",
    "+0415555012345", "+1415555012345678", "0014155550123", "01114155550123", "tel:+14155550123", "sip:+14155550123@x",
    "+14155550123,,1", "+14155550123;ext=1", "+14155550123x1", "+14155550123#", "*67+14155550123", "+1415*550123",
    "+14155550123\x00", "\u202d+14155550123", "+١٤١٥٥٥٥٠١٢٣", "＋14155550123", "+１４１５５５５０１２３",
    "+1415555⁰123", "08",
    "anonymous", "client:op_7", "unknown", "12345", "77777", "+12345", "242242", "411", "611", "311", "211", "511",
    "+1411", "+1611", "88888888888888888888", "null", "None", "'; DROP TABLE calls; --", "<Number>",
    "../../etc/passwd",
]  # fmt: skip

PREMIUM = """
+19005551234 # pay-per-call
+19002345678
+19009991234
+19007771234
+12129761234 # exchange 976
+14159761234
+13059760000
+18189769999
+15005550006 # personal numbers
+15005551234
+15215551234
+15225551234
+15235551234
+15335551234
+15445551234
+15665551234
+15775551234
+15885551234
+17005551234 # carriers' own services
+17105551234 # government
+14561234567 # inbound international
+16005551234 # Canada, without a place
+16225551234
+12125551212 # directory assistance
+14155551212
+18005551212
+14165551212
+12129111234 # services in the place of the exchange
+14154111234
+12122111234
+12123111234
+12125111234
+12126111234
+12127111234
+12128111234
+449098790000 # United Kingdom
+449011234567
+449131234567
+447012345678
+448712345678
+448431234567
+49900112345 # Germany
+491801234567
+491371234567
+33892123456 # France
+33899123456
+33897123456
+34803123456 # Spain
+34806123456
+34807123456
+34905123456
+39899123456 # Italy
+39892123456
+39166123456
+41900123456 # Switzerland
+41901123456
+41906123456
+43900123456 # Austria
+43930123456
+31900123456 # Netherlands
+31906123456
+31909123456
+3290123456 # Belgium
+3290712345
+4590123456 # Denmark
+46900123456 # Sweden
+4782012345 # Norway
+35860012345 # Finland
+3531520123456 # Ireland
+353157012345
+61190012345 # Australia
+611902123456
+64900123456 # New Zealand
+81990123456 # Japan
+8260012345 # Korea
+85290012345 # Hong Kong
+6519001234567 # Singapore
+551900123456 # Brazil
+5490012345678 # Argentina
+525590012345 # Mexico
+79091234567 # Russia
+78091234567
+380900123456 # Ukraine
+48700123456 # Poland
+420900123456 # Czechia
+3690123456 # Hungary
+40900123456 # Romania
+359901234567 # Bulgaria
+3090112345 # Greece
+351760123456 # Portugal
+905551234567 # Turkey
+972190012345 # Israel
+27862123456 # South Africa
+234700123456 # Nigeria
+979123456789 # international premium rate
+979912345678
+97910000000
"""

NOWHERE = """
+870773123456 # Inmarsat
+870301234567
+870600123456
+871123456789
+872123456789
+873123456789
+874123456789
+878101234567
+8816123456789 # Iridium
+881612345678
+881712345678
+881812345678 # Globalstar
+881912345678
+882161234567
+88213123456
+88216612345 # Thuraya
+8821012345
+88299012345
+88312345678
+883510012345
+883130123456
+88812345678
+88300012345
+80012345678 # international free phone
+80812345678
+99112345678
+99912345678
+38012 # too short, and nowhere
+21012345678 # codes that nobody has
+21412345678
+25912345678
+28012345678
+38412345678
+42212345678
+69912345678
+80112345678
+85912345678
+89012345678
+96912345678
+99712345678
"""

CARIBBEAN = """
+12425551234 # Bahamas
+12465551234 # Barbados
+12645551234 # Anguilla
+12685551234 # Antigua
+12845551234 # British Virgin Islands
+13405551234 # US Virgin Islands
+13455551234 # Cayman Islands
+14415551234 # Bermuda
+14735551234 # Grenada
+16495551234 # Turks and Caicos
+16585551234 # Jamaica
+16645551234 # Montserrat
+16705551234 # Northern Marianas
+16715551234 # Guam
+16845551234 # American Samoa
+17215551234 # Sint Maarten
+17585551234 # Saint Lucia
+17675551234 # Dominica
+17845551234 # Saint Vincent
+17875551234 # Puerto Rico
+18095551234 # Dominican Republic
+18295551234
+18495551234
+18685551234 # Trinidad
+18695551234 # Saint Kitts
+18765551234 # Jamaica
+18764551234
+19395551234 # Puerto Rico
"""

ELSEWHERE = """
+442071838750
+447911123456
+493012345678
+33142278186
+34912345678
+390612345678
+41443643532
+5511961234567
+525512345678
+74951234567
+8613812345678
+81312345678
+919876543210
+2348031234567
+254712345678
+27821234567
+22507123456
+2522123456
+252615123456
+2324012345
+23276123456
+22176123456
+2207123456
+22462123456
+24105123456
+24390123456
+2491123456
+26639123
+2682123456
+2693212345
+290212345
+3752912345678
+37369123456
+37060123456
+37129123456
+3725123456
+381601234567
+38761123456
+5352345678
+50937123456
+59212345678
+5926123456
+5971234567
+6799123456
+67571234567
+6767123456
+685722123
+6747123456
+68812345
+69212345
+960771234567
+961371123456
+963912345678
+964790123456
+967712345678
+9689212345
+992917123456
+99366123456
+994501234567
+995555123456
+996700123456
+998901234567
"""

UNASSIGNED = """
+10005550123
+11115550123
+12005550123 # nobody has area 200
+13005550123
+14005550123
+19995550123
+11235550123
+14150550123 # exchanges begin with 2 or more
+14151550123
+1415555012 # too short
+141555501234 # too long
+15555550123
+12115550123
+19115550123
+13115550123
+14115550123
"""

BAD = (
    EMERGENCY + NOT_A_NUMBER + numbers(PREMIUM) + numbers(NOWHERE) + numbers(CARIBBEAN) + numbers(ELSEWHERE)
    + numbers(UNASSIGNED)
)  # fmt: skip


def test_the_table_has_more_than_three_hundred_rows_and_each_once():
    assert len(BAD) > 300
    assert sorted(set(BAD)) == sorted(BAD)


@pytest.mark.parametrize("number", BAD)
def test_a_bad_number_is_refused_with_a_sentence(number):
    with pytest.raises(Refused) as refusal:
        policy.check_destination(number)
    assert refusal.value.sentence.endswith(".")
    assert refusal.value.code in {
        "bad_number", "emergency_number", "forbidden_number", "forbidden_country",
    }  # fmt: skip


@pytest.mark.parametrize("number", EMERGENCY)
def test_who_dials_the_rescuers_is_told_to_use_a_telephone(number):
    with pytest.raises(Refused, match="Emergency numbers are never dialled from here"):
        policy.check_destination(number)


EVERYWHERE = [
    "US", "CA", "GB", "DE", "FR", "ES", "IT", "CH", "AT", "NL", "BE", "DK", "SE", "NO", "FI", "IE", "AU", "NZ", "JP",
    "KR", "HK", "SG", "BR", "AR", "MX", "RU", "UA", "PL", "CZ", "HU", "RO", "BG", "GR", "PT", "IL", "ZA", "NG", "001",
]  # fmt: skip


@pytest.mark.parametrize("number", [number for number in numbers(PREMIUM) + numbers(NOWHERE) if number not in {
    # Ordinary numbers of their countries, or numbers that look costly only by their first digits.
    "+905551234567", "+79091234567", "+27862123456", "+234700123456", "+525590012345", "+359901234567",
    "+5490012345678", "+353157012345",
}])  # fmt: skip
def test_what_costs_extra_stays_forbidden_where_its_country_is_allowed(number, settings):
    settings.CARRIER_ALLOWED_COUNTRIES = EVERYWHERE
    with pytest.raises(Refused):
        policy.check_destination(number)


GOOD = [
    "+14155550100", "+14155550123", "+14155550199", "+12025550142", "+13125550001", "+12125550001", "+16505550101",
    "+14165550123", "+16045550123", "+18005550123", "+18885550123", "+18775550123", "+12069730100", "+14083420976",
]  # fmt: skip


@pytest.mark.parametrize("number", GOOD)
def test_an_ordinary_number_passes(number):
    policy.check_destination(number)


def test_countries_open_one_by_one(settings):
    with pytest.raises(Refused, match=r"Calls to GB are switched off.*add GB to CARRIER_ALLOWED_COUNTRIES"):
        policy.check_destination("+442071838750")
    settings.CARRIER_ALLOWED_COUNTRIES = ["gb"]
    policy.check_destination("+442071838750")
    with pytest.raises(Refused, match="US"):
        policy.check_destination("+14155550123")
    settings.CARRIER_ALLOWED_COUNTRIES = []
    with pytest.raises(Refused):
        policy.check_destination("+14155550123")


def test_a_country_narrows_and_never_widens():
    policy.check_destination("+14155550123", country="us")
    with pytest.raises(Refused, match="Only numbers in CA"):
        policy.check_destination("+14155550123", country="CA")
    with pytest.raises(Refused, match="Calls to GB are switched off"):
        policy.check_destination("+442071838750", country="GB")


@pytest.mark.parametrize("address", ["client:op_7", "client:op_0190", "client:op_7?leg=0190-ab_c.d~e&x=%20"])
def test_a_desk_passes(address):
    policy.check_address(address)


@pytest.mark.parametrize(
    "address",
    ["client:", "client:op 7", "client:op_7?", "client:op_7\n", "client:../x", "client:op_7?a=<b>", "Client:op_7",
     "sip:a@example.com", "app:AP1", "whatsapp:+14155550123", "client:" + "a" * 65, "911", "+19005551234"],
)  # fmt: skip
def test_no_other_address_passes(address):
    with pytest.raises(Refused):
        policy.check_address(address)


@settings(deadline=None)
@given(st.text(max_size=20) | st.from_regex(r"\+?[0-9]{1,16}", fullmatch=True))
def test_whatever_passes_is_a_plain_american_number(text):
    try:
        policy.check_destination(text)
    except Refused:
        return
    assert text.isascii()
    assert text[:2] == "+1"
    assert len(text) == 12
    assert text[1:].isdigit()


@settings(deadline=None)
@given(st.from_regex(r"[0-9*#]{1,32}", fullmatch=True))
def test_what_a_caller_can_press_is_never_a_destination(keys):
    with pytest.raises(Refused):
        policy.check_destination(keys)


@pytest.mark.parametrize("number", BAD[::7])
def test_a_document_dials_no_bad_number(number):
    with pytest.raises(Refused):
        twiml.render([DialNumber(number, "https://example.com/next", "+14155550100")])


@pytest.mark.parametrize("number", ["911", "+19005551234", "+18765551234", "+88216612345"])
def test_an_outside_number_that_must_not_be_dialled_is_no_destination(number, db):
    from apps.destinations.models import Destination
    from tests.factories import ClientFactory

    client = ClientFactory()
    before = Destination.objects.count()
    with pytest.raises(Refused):
        destinations.add_outside_number(client, label="Out", number=number)
    assert Destination.objects.count() == before


def test_only_the_port_and_the_documents_reach_a_telephone():
    """One place makes calls, one sends texts, one writes <Dial><Number>: each asks the policy first."""
    sources = {path: path.read_text() for path in (ROOT / "apps").rglob("*.py") if "sandbox" not in path.parts}
    for words, home in {
        ".calls.create(": "client.py",
        ".messages.create(": "client.py",
        ".number(": "twiml.py",
    }.items():
        places = [path for path, text in sources.items() if words in text and "twilio" in text]
        assert [path.name for path in places] == [home]
        assert "policy.check_" in sources[places[0]]

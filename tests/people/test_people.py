import pytest
from rest_framework.test import APIClient

from apps.core import roles
from apps.core.models import Event
from apps.core.refused import Refused
from apps.people import services as people
from apps.people.models import Consent, Person, PersonNumber
from tests.factories import CallFactory, ClientFactory, PersonFactory, PersonListFactory, TagFactory, UserFactory

pytestmark = pytest.mark.django_db

NUMBER = "+12125550142"


@pytest.fixture
def administrator():
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.ADMINISTRATOR))
    return api


def test_a_person_is_found_by_number_within_the_client():
    person = PersonFactory(numbers=[NUMBER])
    assert people.find_by_number(person.client, NUMBER) == person
    assert people.find_by_number(ClientFactory(), NUMBER) is None


@pytest.mark.parametrize("number", ["", "anonymous", "client:op_1", "+12125550999"])
def test_an_unknown_or_withheld_number_is_nobody(number):
    PersonFactory(numbers=[NUMBER])
    assert people.find_by_number(Person.objects.get().client, number) is None


def test_a_person_is_added_with_all_that_is_known():
    client = ClientFactory(country="US")
    person = people.add_person(
        client, name="Bluebird Grocers", numbers=["(212) 555-0142", ("+12125550143", "mobile")],
        tags=["VIP"], lists=["Gold"], company="Bluebird",
    )  # fmt: skip
    assert [(row.number, row.label, row.client) for row in person.numbers.all()] == [
        (NUMBER, "", client), ("+12125550143", "mobile", client),
    ]  # fmt: skip
    assert [tag.name for tag in person.tags.all()] == ["VIP"]
    assert [each.name for each in person.lists.all()] == ["Gold"]
    assert Event.objects.get(kind="people.added").sentence == "Bluebird Grocers was added."


def test_a_number_belongs_to_one_person_of_a_client():
    person = PersonFactory(name="Driver, truck 7", numbers=[NUMBER])
    with pytest.raises(Refused, match=r"is Driver, truck 7's number\. Take it away there first"):
        people.add_person(person.client, name="Somebody else", numbers=[NUMBER])
    assert Person.objects.count() == 1
    assert people.add_person(ClientFactory(), name="Elsewhere", numbers=[NUMBER])


def test_what_is_no_number_is_refused_with_a_sentence():
    with pytest.raises(Refused, match="is not a phone number"):
        people.add_number(PersonFactory(), "hello")
    assert not PersonNumber.objects.exists()


def test_given_numbers_replace_those_that_were_there():
    person = PersonFactory(numbers=[NUMBER, "+12125550143"])
    people.change_person(person, numbers=[(NUMBER, "office"), "+12125550144"])
    assert [(row.number, row.label) for row in person.numbers.all()] == [(NUMBER, "office"), ("+12125550144", "")]


def test_a_change_is_written_down_without_the_values():
    person = PersonFactory()
    people.change_person(person, company="Cedar Furniture", do_not_call=True)
    event = Event.objects.get(kind="people.changed")
    assert event.data == {"person": person.name, "what": "company, do not call"}


def test_changing_nothing_writes_nothing():
    person = PersonFactory(company="Cedar")
    people.change_person(person, company="Cedar")
    assert not Event.objects.filter(kind="people.changed").exists()


def test_a_change_of_mind_is_a_new_row():
    person = PersonFactory()
    people.note_consent(person, Consent.Subject.CALLS, given=True, source="a form")
    people.note_consent(person, Consent.Subject.CALLS, given=False, source="a call")
    assert list(person.consents.order_by("pk").values_list("given", "source")) == [(True, "a form"), (False, "a call")]
    assert [str(row) for row in person.consents.order_by("pk")] == ["may be called", "may not be called"]


def test_calls_outlive_the_person():
    person = PersonFactory(numbers=[NUMBER])
    call = CallFactory(client=person.client, person=person)
    people.remove_person(person)
    call.refresh_from_db()
    assert call.person is None
    assert not PersonNumber.objects.exists()


def test_the_api_adds_a_person_and_tells_all_again(administrator):
    client = ClientFactory()
    values = {
        "client": str(client.public_id), "name": "Bluebird Grocers", "tags": ["VIP"], "lists": ["Gold"],
        "numbers": [{"number": "212 555 0142", "label": "dock"}],
    }  # fmt: skip
    made = administrator.post("/api/v1/people/", values)
    assert made.status_code == 201, made.json()
    assert made.json()["numbers"] == [{"number": NUMBER, "label": "dock", "pretty": "+1 212-555-0142"}]
    assert (made.json()["tags"], made.json()["lists"]) == (["VIP"], ["Gold"])
    found = administrator.get("/api/v1/people/", {"numbers__number": NUMBER}).json()["results"]
    assert [row["name"] for row in found] == ["Bluebird Grocers"]


def test_the_api_changes_only_what_is_given(administrator):
    person = PersonFactory(numbers=[NUMBER], tags=["VIP"])
    address = f"/api/v1/people/{person.public_id}/"
    changed = administrator.patch(address, {"notes": "Rings in the morning."}).json()
    assert changed["notes"] == "Rings in the morning."
    assert (len(changed["numbers"]), changed["tags"]) == (1, ["VIP"])
    assert administrator.patch(address, {"tags": [], "numbers": []}).json()["numbers"] == []
    assert not person.tags.exists()


def test_the_api_refuses_a_taken_number_and_changes_nothing(administrator):
    person = PersonFactory(numbers=[NUMBER])
    other = PersonFactory(client=person.client, name="Other")
    refused = administrator.patch(
        f"/api/v1/people/{other.public_id}/", {"name": "New name", "numbers": [{"number": NUMBER}]}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "number_taken")
    other.refresh_from_db()
    assert other.name == "Other"


def test_consent_is_noted_and_read_over_the_api(administrator):
    person = PersonFactory()
    address = f"/api/v1/people/{person.public_id}/consents/"
    assert administrator.post(address, {"subject": "recording", "given": True, "source": "contract"}).status_code == 201
    assert [(row["subject"], row["given"]) for row in administrator.get(address).json()] == [("recording", True)]


def test_an_operator_reads_people_and_changes_none():
    person = PersonFactory()
    api = APIClient()
    api.force_authenticate(UserFactory(role=roles.OPERATOR, clients=[person.client]))
    address = f"/api/v1/people/{person.public_id}/"
    assert api.get(address).status_code == 200
    assert api.patch(address, {"name": "x"}).status_code == 403
    assert api.get(f"{address}consents/").status_code == 403
    assert api.get(f"/api/v1/people/{PersonFactory().public_id}/").status_code == 404


def _form(client, number, name="Bluebird"):
    return {
        "client": client.pk, "name": name, "numbers-TOTAL_FORMS": 1, "numbers-INITIAL_FORMS": 0,
        "numbers-0-number": number, "numbers-0-label": "dock", "consents-TOTAL_FORMS": 1, "consents-INITIAL_FORMS": 0,
        "consents-0-subject": "calls", "consents-0-given": "on", "consents-0-source": "a form",
        "own_operator-TOTAL_FORMS": 0, "own_operator-INITIAL_FORMS": 0,
    }  # fmt: skip


def test_the_admin_adds_a_person_with_number_and_consent(admin_client):
    client = ClientFactory()
    reply = admin_client.post("/admin/people/person/add/", _form(client, "(212) 555-0142"))
    assert reply.status_code == 302, reply.content.decode()
    number = PersonNumber.objects.get()
    assert (number.number, number.client, number.person.consents.count()) == (NUMBER, client, 1)


def test_the_admin_names_who_has_a_number_already(admin_client):
    person = PersonFactory(name="Driver, truck 7", numbers=[NUMBER])
    page = admin_client.post("/admin/people/person/add/", _form(person.client, "212 555 0142")).content.decode()
    assert "Driver, truck 7" in page and "Take it away there first" in page
    assert Person.objects.count() == 1


def test_the_admin_finds_a_person_by_a_number_as_it_is_written(admin_client):
    PersonFactory(name="Driver, truck 7", numbers=[NUMBER])
    page = admin_client.get("/admin/people/person/", {"q": "(212) 555-0142"}).content.decode()
    assert "Driver, truck 7" in page


def test_the_pages_of_tags_lists_and_consent_open(admin_client):
    person = PersonFactory(tags=["VIP"])
    people.note_consent(person, "calls", given=True, source="a form")
    PersonListFactory(client=person.client, people=[person])
    TagFactory(client=person.client)
    for page in ("tag", "personlist", "consent", "person"):
        assert admin_client.get(f"/admin/people/{page}/").status_code == 200

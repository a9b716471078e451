import re

from django.contrib import admin
from django.db.models import Count
from unfold.decorators import display

from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline, adopt
from apps.core.numbers import pretty
from apps.people import services
from apps.people.forms import PersonNumberForm, PersonNumberFormSet
from apps.people.models import Consent, Person, PersonList, PersonNumber, Tag

_TYPED_NUMBER = re.compile(r"^[+(]?[\d\s().-]{4,}$")


class PersonNumberInline(TabularInline):
    model = PersonNumber
    form = PersonNumberForm
    formset = PersonNumberFormSet
    fields = ["number", "label"]
    extra = 1
    verbose_name = "number"
    verbose_name_plural = "numbers"
    hide_title = True


class ConsentInline(TabularInline):
    """A history: rows are added, never changed."""

    model = Consent
    fields = ["subject", "given", "source", "at"]
    readonly_fields = ["at"]
    extra = 0
    verbose_name = "consent"
    verbose_name_plural = "consent"
    hide_title = True

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    list_display = ["who", "shown_numbers", "shown_tags", "shown_lists", "may_be_called", "client"]
    list_filter = ["tags", "lists", "do_not_call", "client"]
    list_select_related = ["client"]
    search_fields = ["name", "company", "email", "numbers__number"]
    search_help_text = "Name, company, e-mail or number, as you write it"
    autocomplete_fields = ["tags"]
    inlines = [PersonNumberInline, ConsentInline]
    fieldsets = [
        (None, {"fields": ["name", "company", "email", "do_not_call"]}),
        ("What we know", {"fields": ["tags", "shown_lists", "notes"]}),
        (
            "More",
            {"fields": [("client", "language"), "public_id", "created_at"], "classes": ["collapse"]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["client", "name", "company", "email", "do_not_call"]}),
        ("What we know", {"fields": ["tags", "notes", "language"]}),
    ]
    readonly_fields = ["shown_lists", "public_id", "created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("numbers", "tags", "lists")

    def get_readonly_fields(self, request, obj=None):
        # Numbers are unique within a client, so a person stays with theirs.
        return [*self.readonly_fields, "client"] if obj else self.readonly_fields

    def get_search_results(self, request, queryset, search_term):
        if _TYPED_NUMBER.match(search_term):
            search_term = re.sub(r"\D", "", search_term)
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request, obj, form, change):
        fields = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in {"client", "tags"}}
        if change:
            changed = {name: value for name, value in fields.items() if name in form.changed_data}
            services.change_person(Person.objects.get(pk=obj.pk), by=request.user, **changed)
        else:
            adopt(obj, services.add_person(form.cleaned_data["client"], by=request.user, **fields))

    def delete_model(self, request, obj):
        services.remove_person(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for person in queryset:
            services.remove_person(person, by=request.user)

    @display(description="Person", header=True, ordering="name")
    def who(self, person: Person):
        return person.name, person.company

    @display(description="Numbers")
    def shown_numbers(self, person: Person) -> str:
        return ", ".join(pretty(row.number) for row in person.numbers.all()) or "–"

    @display(description="Tags", label=True)
    def shown_tags(self, person: Person) -> list[str]:
        return [tag.name for tag in person.tags.all()]

    @display(description="On lists")
    def shown_lists(self, person: Person) -> str:
        return ", ".join(each.name for each in person.lists.all()) or "–"

    @display(description="We call", label={True: "info", False: "danger"}, ordering="do_not_call")
    def may_be_called(self, person: Person):
        return not person.do_not_call, "never" if person.do_not_call else "yes"


@admin.register(Tag)
class TagAdmin(ModelAdmin):
    list_display = ["name", "people_count", "client"]
    list_filter = ["client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    fields = ["client", "name"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(people_total=Count("people"))

    @display(description="People", ordering="people_total")
    def people_count(self, tag: Tag) -> int:
        return tag.people_total


@admin.register(PersonList)
class PersonListAdmin(ModelAdmin):
    list_display = ["name", "people_count", "client"]
    list_filter = ["client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    autocomplete_fields = ["people"]
    fields = ["client", "name", "people"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(people_total=Count("people"))

    @display(description="People", ordering="people_total")
    def people_count(self, each: PersonList) -> int:
        return each.people_total


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who allowed what, and how we know. New ones are written on the person's page."""

    list_display = ["at", "person", "subject", "shown_given", "source"]
    list_filter = ["subject", "given"]
    list_select_related = ["person"]
    search_fields = ["person__name", "source"]

    @display(description="Answer", label={True: "success", False: "danger"})
    def shown_given(self, consent: Consent):
        return consent.given, "yes" if consent.given else "no"

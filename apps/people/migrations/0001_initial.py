import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                ("company", models.CharField(blank=True, max_length=160)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="BCP 47, for example es-MX; empty: the client's.", max_length=16
                    ),
                ),
                ("notes", models.TextField(blank=True)),
                (
                    "do_not_call",
                    models.BooleanField(default=False, help_text="We never dial this person; they may call us."),
                ),
                ("created_at", models.DateTimeField(default=apps.core.clock.now, editable=False)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="clients.client"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("calls", "to be called"),
                            ("recording", "to be recorded"),
                            ("sms", "to get text messages"),
                        ],
                        max_length=12,
                    ),
                ),
                ("given", models.BooleanField()),
                ("source", models.CharField(help_text="How we know: a form, a call, a contract.", max_length=160)),
                ("at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="people.person"
                    ),
                ),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tags", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="person",
            name="tags",
            field=models.ManyToManyField(blank=True, related_name="people", to="people.tag"),
        ),
        migrations.CreateModel(
            name="PersonList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="person_lists", to="clients.client"
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, related_name="lists", to="people.person")),
            ],
            options={
                "verbose_name": "list of people",
                "verbose_name_plural": "lists of people",
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("client", "name"), name="person_list_once_per_client")],
            },
        ),
        migrations.CreateModel(
            name="PersonNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", apps.core.numbers.E164Field()),
                ("label", models.CharField(blank=True, help_text="mobile, office, home ...", max_length=40)),
                (
                    "client",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="numbers", to="people.person"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("client", "number"), name="number_of_one_person_per_client")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="tag_once_per_client"),
        ),
    ]

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.ivr.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calls", "0001_initial"),
        ("clients", "0002_first_client"),
        ("destinations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Flow",
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
                    "active",
                    models.BooleanField(
                        default=False,
                        help_text="Takes calls. Only a complete menu can be switched on.",
                        verbose_name="on",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="flows", to="clients.client"
                    ),
                ),
                (
                    "destination",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flow",
                        to="destinations.destination",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Menu",
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
                    "timeout_seconds",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Counted from the end of the question.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="seconds to answer",
                    ),
                ),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="How often the question is asked before the call goes on.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                    ),
                ),
                (
                    "flow",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="menus", to="ivr.flow"),
                ),
                (
                    "otherwise",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where the call goes then; empty: an apology and good-bye.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="destinations.destination",
                        verbose_name="after the last try",
                    ),
                ),
            ],
            options={
                "ordering": ["flow", "name"],
            },
        ),
        migrations.AddField(
            model_name="flow",
            name="start",
            field=models.ForeignKey(
                blank=True,
                help_text="The menu that is asked first.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="ivr.menu",
                verbose_name="starts with",
            ),
        ),
        migrations.CreateModel(
            name="Prompt",
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
                    "text",
                    models.CharField(
                        help_text="Spoken by the carrier, and shown where the sound cannot be heard.", max_length=2000
                    ),
                ),
                ("language", models.CharField(default="en-US", help_text="BCP 47, for example en-US.", max_length=16)),
                (
                    "audio",
                    apps.ivr.models.SoundField(
                        blank=True,
                        help_text="WAV or MP3; played instead of the spoken text.",
                        max_length=120,
                        upload_to=apps.ivr.models.sound_path,
                    ),
                ),
                ("audio_seconds", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("audio_digest", models.CharField(blank=True, editable=False, max_length=16)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prompts", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="menu",
            name="invalid_prompt",
            field=models.ForeignKey(
                blank=True,
                help_text="Said before the question is asked again; empty: only the question.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ivr.prompt",
                verbose_name="after a wrong key",
            ),
        ),
        migrations.AddField(
            model_name="menu",
            name="prompt",
            field=models.ForeignKey(
                help_text="Names the keys: “For dispatch press 1.”",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="menus",
                to="ivr.prompt",
                verbose_name="question",
            ),
        ),
        migrations.AddField(
            model_name="menu",
            name="silence_prompt",
            field=models.ForeignKey(
                blank=True,
                help_text="Said before the question is asked again; empty: only the question.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ivr.prompt",
                verbose_name="after silence",
            ),
        ),
        migrations.AddField(
            model_name="flow",
            name="greeting",
            field=models.ForeignKey(
                blank=True,
                help_text="Heard once, before the menu.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ivr.prompt",
            ),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("path", models.JSONField(default=list, help_text="The steps in order: menu, key, what came of it.")),
                ("started_at", models.DateTimeField(default=apps.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.CharField(blank=True, max_length=160)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="visits", to="calls.call"
                    ),
                ),
                (
                    "flow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="visits", to="ivr.flow"
                    ),
                ),
                (
                    "menu",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="ivr.menu",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=1,
                        validators=[django.core.validators.RegexValidator("^[0-9*#]$", "One of 0 to 9, * and #.")],
                    ),
                ),
                ("label", models.CharField(blank=True, max_length=120)),
                (
                    "destination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
                (
                    "menu",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="options", to="ivr.menu"
                    ),
                ),
                (
                    "next_menu",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="led_by",
                        to="ivr.menu",
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
                "constraints": [
                    models.UniqueConstraint(fields=("menu", "key"), name="key_once_per_menu"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destination__isnull", False), ("next_menu__isnull", True)),
                            models.Q(("destination__isnull", True), ("next_menu__isnull", False)),
                            _connector="OR",
                        ),
                        name="option_leads_to_one_place",
                        violation_error_message="A key leads to one place: choose either a destination or a next menu.",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="prompt",
            constraint=models.UniqueConstraint(fields=("client", "name", "language"), name="prompt_once_per_language"),
        ),
        migrations.AddConstraint(
            model_name="menu",
            constraint=models.UniqueConstraint(fields=("flow", "name"), name="menu_once_per_flow"),
        ),
        migrations.AddConstraint(
            model_name="flow",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="flow_once_per_client"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("call",), name="one_open_visit_per_call"
            ),
        ),
    ]

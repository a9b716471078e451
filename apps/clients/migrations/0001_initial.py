import django.core.validators
import timezone_field.fields
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Client",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("active", models.BooleanField(default=True)),
                ("time_zone", timezone_field.fields.TimeZoneField(default="UTC")),
                (
                    "country",
                    models.CharField(
                        default="US", help_text="Two letters; reads numbers typed in national form.", max_length=2
                    ),
                ),
                ("language", models.CharField(default="en-US", help_text="BCP 47, for example en-US.", max_length=16)),
                (
                    "caller_id",
                    apps.core.numbers.E164Field(
                        blank=True,
                        help_text="Shown to those we call when nothing else is chosen: one of your numbers.",
                        verbose_name="caller id",
                    ),
                ),
                (
                    "max_concurrent_calls",
                    models.PositiveIntegerField(
                        default=10,
                        help_text="Outgoing calls at once. Incoming calls are always taken.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5000),
                        ],
                    ),
                ),
                ("record_calls", models.BooleanField(default=True)),
                (
                    "recording_announcement",
                    models.CharField(
                        blank=True,
                        default="This call may be recorded.",
                        help_text="Spoken before a recorded conversation. Leave empty only where the law allows it.",
                        max_length=400,
                    ),
                ),
                ("created_at", models.DateTimeField(default=apps.core.clock.now, editable=False)),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Who works for this client and may see its calls.",
                        related_name="clients",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
    ]

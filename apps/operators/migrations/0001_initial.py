import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BreakReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("limit_seconds", models.PositiveIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="break_reasons", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Operator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "extension",
                    models.CharField(
                        blank=True,
                        max_length=8,
                        validators=[
                            django.core.validators.RegexValidator("^\\d{2,8}$", "An extension is 2 to 8 digits.")
                        ],
                    ),
                ),
                (
                    "fallback_phone",
                    apps.core.numbers.E164Field(blank=True, help_text="Rung when the desk cannot ring."),
                ),
                (
                    "caller_id",
                    apps.core.numbers.E164Field(
                        blank=True,
                        help_text="Shown on calls from the desk; empty: the client's.",
                        verbose_name="caller id",
                    ),
                ),
                (
                    "presence",
                    models.CharField(
                        choices=[("offline", "offline"), ("available", "available"), ("on_break", "on a break")],
                        default="offline",
                        max_length=12,
                    ),
                ),
                ("presence_since", models.DateTimeField(default=apps.core.clock.now)),
                ("unreachable_since", models.DateTimeField(blank=True, null=True)),
                (
                    "idle_since",
                    models.DateTimeField(
                        default=apps.core.clock.now, help_text="When the last engagement ended, or the sign-in."
                    ),
                ),
                (
                    "break_reason",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="operators.breakreason",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="operator",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["user__first_name", "user__username"],
                "permissions": [("supervise_operator", "Can change an operator's presence and engagements")],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("offer", "a call from a queue"),
                            ("desk_call", "a call from the desk"),
                            ("wrap_up", "wrap-up"),
                        ],
                        max_length=12,
                    ),
                ),
                ("since", models.DateTimeField(default=apps.core.clock.now)),
                ("due_at", models.DateTimeField(blank=True, help_text="When it ends by itself (wrap-up).", null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("call_ref", models.UUIDField(blank=True, null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="engagements", to="operators.operator"
                    ),
                ),
            ],
            options={
                "ordering": ["-since"],
            },
        ),
        migrations.CreateModel(
            name="Skill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="skills", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="OperatorSkill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="operator_skills",
                        to="operators.operator",
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="operator_skills",
                        to="operators.skill",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Team",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="teams", to="clients.client"
                    ),
                ),
                (
                    "supervisors",
                    models.ManyToManyField(blank=True, related_name="supervised_teams", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="operator",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="operators", to="operators.team"
            ),
        ),
        migrations.AddConstraint(
            model_name="breakreason",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="break_reason_once_per_client"),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("operator",),
                name="one_open_engagement_per_operator",
            ),
        ),
        migrations.AddConstraint(
            model_name="skill",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="skill_once_per_client"),
        ),
        migrations.AddConstraint(
            model_name="operatorskill",
            constraint=models.UniqueConstraint(fields=("operator", "skill"), name="skill_once_per_operator"),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="team_once_per_client"),
        ),
        migrations.AddConstraint(
            model_name="operator",
            constraint=models.CheckConstraint(
                condition=models.Q(("presence__in", ["offline", "available", "on_break"])),
                name="operator_presence_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="operator",
            constraint=models.UniqueConstraint(
                condition=models.Q(("extension", ""), _negated=True),
                fields=("team", "extension"),
                name="extension_once_per_team",
            ),
        ),
    ]

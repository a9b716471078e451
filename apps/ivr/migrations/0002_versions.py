import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_initial"),
        ("ivr", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="flow",
            name="draft",
            field=models.JSONField(
                blank=True,
                editable=False,
                help_text="As it is being drawn; empty while the menus below are the source.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="flow",
            name="revision",
            field=models.PositiveIntegerField(default=0, editable=False, help_text="Counts the changes of the draft."),
        ),
        migrations.AddField(
            model_name="visit",
            name="answers",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="visit",
            name="node",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="visit",
            name="pending",
            field=models.CharField(blank=True, help_text="Digits that wait to be confirmed.", max_length=64),
        ),
        migrations.AddField(
            model_name="visit",
            name="variables",
            field=models.JSONField(default=dict),
        ),
        migrations.AlterField(
            model_name="visit",
            name="path",
            field=models.JSONField(default=list, help_text="The steps in order: node, key, what came of it."),
        ),
        migrations.CreateModel(
            name="FlowVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("document", models.JSONField()),
                ("sounds", models.JSONField(default=dict)),
                ("note", models.CharField(blank=True, max_length=200)),
                ("made_at", models.DateTimeField(default=apps.core.clock.now, verbose_name="published")),
                (
                    "flow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="ivr.flow"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="flow",
            name="version",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="What callers get now.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ivr.flowversion",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="version",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="visits",
                to="ivr.flowversion",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["flow", "started_at"], name="visit_flow_started"),
        ),
        migrations.AddConstraint(
            model_name="flowversion",
            constraint=models.UniqueConstraint(fields=("flow", "number"), name="version_once_per_flow"),
        ),
    ]

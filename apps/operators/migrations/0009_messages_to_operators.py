import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_first_client"),
        ("operators", "0008_listening_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OperatorMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("to", models.CharField(help_text="Whom it was for, in words.", max_length=200)),
                ("sent_at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="operator_messages",
                        to="clients.client",
                    ),
                ),
            ],
            options={
                "verbose_name": "message to operators",
                "verbose_name_plural": "messages to operators",
                "ordering": ["-sent_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="MessageCopy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="operators.operator"
                    ),
                ),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="copies",
                        to="operators.operatormessage",
                    ),
                ),
            ],
            options={
                "ordering": ["message", "pk"],
                "indexes": [
                    models.Index(condition=models.Q(("read_at__isnull", True)), fields=["operator"], name="copy_unread")
                ],
                "constraints": [models.UniqueConstraint(fields=("message", "operator"), name="one_copy_per_operator")],
            },
        ),
    ]

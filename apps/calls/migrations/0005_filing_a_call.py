import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0004_transfers"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="answers",
            field=models.JSONField(
                blank=True, default=dict, help_text="What the queue asks about its calls, by label."
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="needs_note",
            field=models.BooleanField(default=False, verbose_name="needs a note"),
        ),
        migrations.AddField(
            model_name="disposition",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                help_text="Chosen after this one, as its more exact form.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="calls.disposition",
            ),
        ),
    ]

import django.db.models.deletion
from django.db import migrations, models

import apps.core.numbers


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_initial"),
        ("queues", "0003_rests_and_figures"),
    ]

    operations = [
        # Nothing has written callbacks before this: the table is empty, so the new column needs no default.
        migrations.AddField(
            model_name="callback",
            name="call",
            field=models.ForeignKey(
                help_text="The call in which it was asked for.",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callbacks",
                to="calls.call",
            ),
        ),
        migrations.AddField(
            model_name="callbacktry",
            name="dialled_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the customer was dialled; only such tries count against the limit.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="given_number",
            field=apps.core.numbers.E164Field(
                blank=True,
                help_text="The number keyed in the callback dialogue, until it is confirmed.",
            ),
        ),
    ]

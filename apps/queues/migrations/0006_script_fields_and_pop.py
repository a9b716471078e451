from django.db import migrations, models

import apps.queues.wording


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0005_music_of_a_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="form",
            field=models.TextField(
                blank=True,
                help_text="One a line. A star: must be filled in. After a colon: the answers to choose from.",
                max_length=2000,
                validators=[apps.queues.wording.check_fields],
                verbose_name="fields to fill in",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="pop_address",
            field=models.CharField(
                blank=True,
                help_text="Opened from the desk, with fields filled in: https://crm.example.com/?phone={number}.",
                max_length=500,
                validators=[apps.queues.wording.check_address],
                verbose_name="address of another system",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="script",
            field=models.TextField(
                blank=True,
                help_text="Shown at the desk. {name}, {company}, {number}, {queue}, {operator} are filled in.",
                max_length=8000,
                validators=[apps.queues.wording.check_places],
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="wrap_up_until_released",
            field=models.BooleanField(
                default=False,
                help_text="The operator says when it is over; no time ends it.",
                verbose_name="wrap-up until released",
            ),
        ),
    ]

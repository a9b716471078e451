import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0006_script_fields_and_pop"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="alert_abandoned_percent",
            field=models.PositiveSmallIntegerField(
                default=15,
                help_text="0: no alert.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="more gave up today than (%)",
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="alert_wait_seconds",
            field=models.PositiveIntegerField(
                default=120, help_text="0: no alert.", verbose_name="somebody waits longer than (seconds)"
            ),
        ),
        migrations.AddField(
            model_name="queue",
            name="alert_waiting",
            field=models.PositiveSmallIntegerField(default=5, help_text="0: no alert.", verbose_name="more wait than"),
        ),
    ]

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0004_name_previews_in_engagements"),
    ]

    operations = [
        migrations.AlterField(
            model_name="campaign",
            name="abandoned_percent",
            field=models.DecimalField(
                decimal_places=1,
                default=3,
                help_text="Percent of the answered calls of the window. 0: nobody is dialled without a reserved operator.",
                max_digits=4,
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="abandoned at most",
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="abandoned_window_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)],
            ),
        ),
        migrations.AlterField(
            model_name="campaign",
            name="nobody_free_seconds",
            field=models.PositiveSmallIntegerField(
                default=2,
                help_text="Who answered and has no operator after so long hears the message below, and is let go.",
                validators=[django.core.validators.MaxValueValidator(60)],
            ),
        ),
        migrations.AlterField(
            model_name="retryrule",
            name="after_seconds",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="At least a minute. Empty: no further try.",
                null=True,
                validators=[django.core.validators.MinValueValidator(60)],
            ),
        ),
    ]

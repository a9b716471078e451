from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0006_why_unreachable"),
    ]

    operations = [
        migrations.AddField(
            model_name="operator",
            name="favourites",
            field=models.ManyToManyField(blank=True, editable=False, to="operators.operator"),
        ),
        migrations.AddField(
            model_name="operator",
            name="help_note",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="operator",
            name="help_since",
            field=models.DateTimeField(
                blank=True, help_text="Since when they wait for a supervisor's help.", null=True
            ),
        ),
    ]

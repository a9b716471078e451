import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_known_and_detected"), ("operators", "0011_previews_hold_operators")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="colleague",
            field=models.ForeignKey(
                blank=True,
                help_text="Whom the operator called, of a call within the house.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="calls_of_colleagues",
                to="operators.operator",
            ),
        ),
    ]

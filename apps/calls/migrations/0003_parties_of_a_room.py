import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0002_open_legs_of_operators"),
        ("operators", "0005_parties_of_a_room"),
    ]

    operations = [
        migrations.AddField(
            model_name="leg",
            name="coaches",
            field=models.ForeignKey(
                blank=True,
                help_text="Heard by this line only.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="coached_by",
                to="calls.leg",
            ),
        ),
        migrations.AddField(
            model_name="leg",
            name="muted",
            field=models.BooleanField(default=False, help_text="Hears the room and is heard by nobody in it."),
        ),
        migrations.AlterField(
            model_name="leg",
            name="role",
            field=models.CharField(
                choices=[
                    ("customer", "customer"),
                    ("operator", "operator"),
                    ("consult", "colleague"),
                    ("supervisor", "supervisor"),
                    ("external", "outside number"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="leg",
            constraint=models.CheckConstraint(
                condition=models.Q(("coaches", models.F("pk")), _negated=True), name="leg_coaches_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="leg",
            constraint=models.CheckConstraint(
                condition=models.Q(("coaches__isnull", True), ("role", "supervisor"), _connector="OR"),
                name="only_supervisors_coach",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0004_skill_public_id"),
    ]

    operations = [
        migrations.AlterField(
            model_name="engagement",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("offer", "a call from a queue"),
                    ("desk_call", "a call from the desk"),
                    ("consult", "a call of a colleague"),
                    ("monitoring", "listening in"),
                    ("wrap_up", "wrap-up"),
                ],
                max_length=12,
            ),
        ),
    ]

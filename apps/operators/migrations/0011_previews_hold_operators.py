from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operators", "0010_order_of_the_idle")]

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
                    ("preview", "looking at a contact"),
                    ("wrap_up", "wrap-up"),
                ],
                max_length=12,
            ),
        ),
    ]

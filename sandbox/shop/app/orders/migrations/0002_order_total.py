from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="total",
            field=models.IntegerField(default=0, db_default=0),
        ),
    ]

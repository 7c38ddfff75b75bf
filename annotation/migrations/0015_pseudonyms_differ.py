import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0014_viewing_evidence'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='annotator',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Left(django.db.models.functions.comparison.Cast('key', models.CharField()), 14), name='annotator_pseudonym_once'),
        ),
    ]

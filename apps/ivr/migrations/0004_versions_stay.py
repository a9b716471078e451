from django.db import migrations

STAY = """
CREATE FUNCTION ivr_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A published version of a voice menu never changes: publish another.';
END $$;
CREATE TRIGGER version_stays BEFORE UPDATE OF flow_id, number, document, sounds ON ivr_flowversion
    FOR EACH ROW EXECUTE FUNCTION ivr_version_stays();
"""
CHANGE = "DROP TRIGGER version_stays ON ivr_flowversion; DROP FUNCTION ivr_version_stays();"


class Migration(migrations.Migration):
    dependencies = [("ivr", "0003_version_one")]
    operations = [
        migrations.RemoveField(model_name="visit", name="menu"),
        migrations.RunSQL(STAY, CHANGE),
    ]

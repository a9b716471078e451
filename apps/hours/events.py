from apps.core.events import declare

declare("hours.schedule_made", "The schedule {schedule} was made.", ["schedule"])
declare("hours.closed", "{schedule} was closed by hand.", ["schedule"])
declare("hours.reopened", "{schedule} follows its hours again.", ["schedule"])

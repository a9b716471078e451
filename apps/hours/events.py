from apps.core.events import declare

declare("hours.schedule_made", "The schedule {schedule} was made.", ["schedule"])
declare("hours.closed", "{schedule} was closed by hand until {until}.", ["schedule", "until", "announcement"])
declare("hours.reopened", "{schedule} follows its hours again.", ["schedule"])
declare("hours.changed", "The hours of {schedule} were changed: {what}.", ["schedule", "what"])

from apps.core.events import declare

declare("destinations.added", "{label} ({what}) was added as a destination.", ["label", "what"])
declare("destinations.changed", "{label} ({what}) was changed.", ["label", "what"])
declare("destinations.removed", "{label} ({what}) was removed.", ["label", "what"])
declare("destinations.retired", "{label} ({what}) takes no more calls.", ["label", "what"])
declare("destinations.restored", "{label} ({what}) takes calls again.", ["label", "what"])

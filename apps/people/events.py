from apps.core.events import declare

declare("people.added", "{person} was added.", ["person"])
declare("people.changed", "{person} was changed: {what}.", ["person", "what"])
declare("people.consented", "{person} agreed {about}: {source}.", ["person", "about", "source"])
declare("people.objected", "{person} does not want {about}: {source}.", ["person", "about", "source"])
declare("people.removed", "{person} was deleted.", ["person"])

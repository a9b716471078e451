from apps.core.events import declare

declare("ivr.entered", "The caller comes into the voice menu “{flow}”.", ["flow"])
declare("ivr.asked", "“{menu}” is read out (try {attempt} of {tries}).", ["menu", "attempt", "tries"])
declare("ivr.pressed", "The caller pressed {pressed} in “{menu}”: {meaning}.", ["menu", "pressed", "meaning"])
declare("ivr.timed_out", "“{menu}” heard no key in {seconds} seconds.", ["menu", "seconds"])
declare("ivr.left", "The caller leaves the voice menu “{flow}”: {outcome}.", ["flow", "outcome"])

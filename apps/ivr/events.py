from apps.core.events import declare

declare("ivr.entered", "The caller comes into the voice menu “{flow}”.", ["flow"])
declare("ivr.asked", "“{menu}” is read out (try {attempt} of {tries}).", ["menu", "attempt", "tries"])
declare("ivr.pressed", "The caller pressed {pressed} in “{menu}”: {meaning}.", ["menu", "pressed", "meaning"])
declare("ivr.timed_out", "“{menu}” heard no key in {seconds} seconds.", ["menu", "seconds"])
declare("ivr.left", "The caller leaves the voice menu “{flow}”: {outcome}.", ["flow", "outcome"])
declare("ivr.said", "The caller said “{said}” in “{menu}”: {meaning}.", ["menu", "said", "meaning"])
declare("ivr.passed", "“{node}” sends the call on: {edge}.", ["node", "edge"])
declare("ivr.texted", "The voice menu sends the caller a text message.")
declare("ivr.drawn", "The drawing of the voice menu “{flow}” has changed.", ["flow"])
declare("ivr.published", "Version {number} of the voice menu “{flow}” takes the calls from now on.", ["flow", "number"])
declare("ivr.recorded", "“{node}” asked for a message: {outcome}.", ["node", "outcome"])
declare("ivr.looked_up", "“{node}” asked a web service: {outcome}.", ["node", "outcome"])

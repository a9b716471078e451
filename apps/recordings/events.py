from apps.core.events import declare

declare("recordings.asked", "We ask the carrier to record the conversation.")
declare("recordings.message", "The caller may leave a message.")
declare("recordings.began", "The recording runs.")
declare("recordings.paused", "The recording pauses.")
declare("recordings.continued", "The recording goes on.")
declare("recordings.pause_failed", "The carrier did not confirm the pause of the recording: {sentence}", ["sentence"])
declare("recordings.ready", "The recording is ready at the carrier ({seconds} s).", ["seconds"])
declare("recordings.stored", "The recording is stored ({seconds} s, {bytes} bytes).", ["seconds", "bytes"])
declare("recordings.too_late", "The call was over before its recording began.")
declare("recordings.failed", "There is no recording: {sentence}", ["sentence"])
declare("recordings.played", "{who} listened to the recording.", ["who"])

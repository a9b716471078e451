"""Real sound: an engine process of its own mixes what each phone says into what the others hear.

    rules       who hears whom: pure, and the carrier's texts go by it too
    codec       mu-law, levels, other rates to 8000 Hz
    wav         sound files
    tones       what the carrier makes itself: beep, ringing, keys, music
    jitter      frames that come unevenly, given out evenly
    hall        legs, what is played to them, recorders; one `tick` is 20 ms, without a clock
    tape        a recording on its way to the disk
    engine      the process: the clock, the carrier's socket, the pages' sockets

Sound travels as 160 bytes of mu-law at 8000 Hz, 20 ms, over websockets: it needs no network card, no codec, one port.
"""

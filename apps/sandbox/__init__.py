"""A little phone company that speaks Twilio's HTTP contract and imports nothing of ours.

It stands where Twilio would stand, in the demo, in the tests and under load: the official SDK drives it, the official
signature check accepts its webhooks. State lives in memory; what really happened goes into the ledger.

    exchange/   calls, conferences, queues, recordings, numbers: what exists in the network
    lines/      who is at the far end: phones that answer by a script, browser devices
    twiml/      documents and the verbs that run on a call
    rest/       Twilio's REST API
    sound/      the engine that makes calls sound, a process of its own
    media       sound as the network sees it: it takes only time (tests, a clock moved by hand), or studio, library,
                speech and wire make it heard through the engine
    control*    the /sandbox/ API, by which tests and the phone booth act as the people on the phone
"""

class Refused(Exception):
    """A request that the rules of the house turn down.

    The text is a sentence for a person and says what to do. `fields` names the inputs at fault.
    Shown as 409 by the API, as a message by the admin, as a spoken verb by the switchboard.
    """

    def __init__(self, sentence: str, *, code: str = "refused", fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.fields = fields or {}

"""What a voice menu says of its own, in the caller's language where it is known, else in English."""

from apps.carrier.verbs import Say

APOLOGY = "We are sorry, we could not understand your choice. Please call again. Good-bye."
_APOLOGIES = {
    "en": APOLOGY,
    "es": "Lo sentimos, no hemos podido entender su elección. Por favor, llame de nuevo. Adiós.",
    "fr": "Nous sommes désolés, nous n'avons pas compris votre choix. Veuillez rappeler. Au revoir.",
    "de": "Es tut uns leid, wir konnten Ihre Auswahl nicht verstehen. Bitte rufen Sie noch einmal an. Auf Wiederhören.",
    "it": "Siamo spiacenti, non abbiamo capito la sua scelta. La preghiamo di richiamare. Arrivederci.",
    "pt": "Lamentamos, não conseguimos entender a sua escolha. Por favor, ligue novamente. Até logo.",
}
_CONFIRM_DIGITS = {
    "en": "You entered {digits}. If that is right, press 1. To enter it again, press 2.",
    "es": "Ha marcado {digits}. Si es correcto, pulse 1. Para marcarlo de nuevo, pulse 2.",
    "fr": "Vous avez saisi {digits}. Si c'est exact, tapez 1. Pour recommencer, tapez 2.",
    "de": "Sie haben {digits} eingegeben. Wenn das stimmt, drücken Sie die 1. Zum Wiederholen drücken Sie die 2.",
    "it": "Ha inserito {digits}. Se è corretto, prema 1. Per inserirlo di nuovo, prema 2.",
    "pt": "Você digitou {digits}. Se estiver certo, pressione 1. Para digitar de novo, pressione 2.",
}


def apology(language: str) -> Say:
    """Said before a menu gives up."""
    return _in(language, _APOLOGIES)


def confirm(digits: str, language: str) -> Say:
    """The digits read back one by one, and what to press."""
    said = _in(language, _CONFIRM_DIGITS)
    return Say(said.text.format(digits=" ".join(digits)), said.language)


def _in(language: str, texts: dict[str, str]) -> Say:
    text = texts.get(language.partition("-")[0].lower())
    return Say(text, language) if text else Say(texts["en"], "en-US")

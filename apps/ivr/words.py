"""What a voice menu says of its own."""

APOLOGY = "We are sorry, we could not understand your choice. Please call again. Good-bye."
CONFIRM_DIGITS = "You entered {digits}. If that is right, press 1. To enter it again, press 2."

from apps.core.sound_files import SoundField
from apps.ivr.models.flow import Flow, FlowCase, FlowPlace, FlowVersion, Prompt, sound_path
from apps.ivr.models.pages import Menu, Option
from apps.ivr.models.visit import Visit
from apps.ivr.models.web import Inquiry, WebService

# The first migration knows the sound of a prompt by these two names.
__all__ = [
    "Flow", "FlowCase", "FlowPlace", "FlowVersion", "Inquiry", "Menu", "Option", "Prompt", "SoundField", "Visit",
    "WebService", "sound_path",
]  # fmt: skip

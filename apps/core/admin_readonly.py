"""Badges on the page of a record, as in lists: unfold shows `@display(label=...)` there as a bare tuple."""

import unfold.forms
from django.utils.safestring import SafeString
from unfold.fields import UnfoldAdminReadonlyField
from unfold.utils import display_for_label


class ReadonlyField(UnfoldAdminReadonlyField):
    def _get_contents(self) -> SafeString | str:
        name, instance = self.field["field"], self.form.instance
        method = getattr(self.model_admin, name, None) if isinstance(name, str) else None
        if getattr(method, "label", None):
            return display_for_label(method(instance), self.empty_value_display, method.label)
        if getattr(method, "header", None):
            return ", ".join(str(part) for part in method(instance) if part) or self.empty_value_display
        return super()._get_contents()


# Where the lines of a fieldset take their class from.
unfold.forms.UnfoldAdminReadonlyField = ReadonlyField

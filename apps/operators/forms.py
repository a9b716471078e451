from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.forms import BaseInlineFormSet

from apps.operators import skills
from apps.operators.models import OperatorSkill


class OperatorSkillForm(forms.ModelForm):
    """A row on the operator's page, or on the skill's."""

    class Meta:
        model = OperatorSkill
        fields = ["operator", "skill", "level"]

    def clean(self):
        cleaned = super().clean()
        try:
            skill = cleaned.get("skill") or self.instance.skill
            operator = cleaned.get("operator") or self.instance.operator
            if skill.client_id != operator.team.client_id:
                self.add_error(None, f"{operator} does not work for {skill.client}. Choose somebody who does.")
        except ObjectDoesNotExist:
            return cleaned  # the row or its page is incomplete, which its own fields say
        return cleaned


class OperatorSkillFormSet(BaseInlineFormSet):
    """Skills of an operator, or those who have a skill. After saving, queues that wait for them learn of it."""

    def save(self, commit=True):
        saved = super().save(commit)
        rows = [*self.new_objects, *(row for row, _fields in self.changed_objects), *self.deleted_objects]
        for operator in {row.operator for row in rows}:
            skills.skills_changed(operator)
        return saved

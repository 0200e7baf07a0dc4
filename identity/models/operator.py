"""The roles of operators and what each may do at the dashboard."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class OperatorRole(models.TextChoices):
    """What an operator may do at the dashboard; empty for everybody else."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    SUPPORT = "support", _("Support")
    AUDITOR = "auditor", _("Auditor")


# Verbs by role, where a permission reads `app.verb_model`. `support` covers what helps a person without changing the
# set-up: invite, resend, revoke, block, send a reset.
_VERBS: Final = {
    OperatorRole.OWNER: frozenset({"view", "add", "change", "delete", "reveal", "support"}),
    OperatorRole.EDITOR: frozenset({"view", "add", "change", "delete", "support"}),
    OperatorRole.SUPPORT: frozenset({"view", "support"}),
    OperatorRole.AUDITOR: frozenset({"view"}),
}
# Only owners touch these: who operates the dashboard, and the keys that sign tokens.
_OWNERS_ONLY: Final = frozenset({"operator", "signingkey"})


def role_allows(role: str, permission: str) -> bool:
    """Tell whether a role holds a permission written as Django writes it: `app.verb_model`."""
    if not role:
        return False
    _app, _dot, codename = permission.partition(".")
    verb, _underscore, model = codename.partition("_")
    if model in _OWNERS_ONLY:
        return role == OperatorRole.OWNER
    return verb in _VERBS[OperatorRole(role)]

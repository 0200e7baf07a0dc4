"""`/u/organizations`: which organization a person signs in to, asked before or after the credentials."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from login import transaction as transactions
from login.forms import OrganizationNameForm
from login.views.base import HTTP_UNPROCESSABLE, TransactionView
from orgs import policy
from orgs.models import Organization


class OrganizationView(TransactionView):
    """After the credentials the person's own organizations are offered; before them a name is asked for."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._show(OrganizationNameForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._name(request) if self.transaction.user is None else self._pick(request)

    def _name(self, request: HttpRequest) -> HttpResponse:
        form = OrganizationNameForm(request.POST)
        if form.is_valid():
            name = form.cleaned_data["organization"].strip().lower()
            found = Organization.objects.filter(name=name, status=Organization.Status.ACTIVE).first()
            if found is not None:
                transactions.choose_organization(self.transaction, found)
                return self.resume()
            form.refuse(_("There is no organization of this name."), "organization")
        return self._show(form, status=HTTP_UNPROCESSABLE)

    def _pick(self, request: HttpRequest) -> HttpResponse:
        assert self.transaction.user is not None
        wanted = request.POST.get("organization", "")
        if wanted == "personal" and not policy.organization_required(self.transaction.application):
            self.transaction.outcome = {**self.transaction.outcome, "personal": True}
            self.transaction.save(update_fields=["outcome"])
            return self.resume()
        # Only the person's own organizations can be picked, whatever the form sends.
        own = {organization.pk: organization for organization in policy.organizations_of(self.transaction.user)}
        if wanted not in own:
            return self._show(OrganizationNameForm(), problem=_("Choose an organization."), status=HTTP_UNPROCESSABLE)
        transactions.choose_organization(self.transaction, own[wanted])
        return self.resume()

    def _show(self, form: OrganizationNameForm, *, problem: str = "", status: int = 200) -> HttpResponse:
        user = self.transaction.user
        context = {
            "form": form,
            "problem": problem,
            "organizations": policy.organizations_of(user) if user is not None else None,
            "personal": not policy.organization_required(self.transaction.application),
        }
        return self.page("login/organizations.html", context, status=status)

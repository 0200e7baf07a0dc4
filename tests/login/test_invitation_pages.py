"""The seed's first story at the pages: an invited person lands on /signup/invitation, whoever is signed in."""

import pytest
from django.utils import timezone

from core.models import AuditEvent
from identity.models import Credential, User
from identity.services.users import delete_user
from invitations.models import Invitation
from invitations.services import revoke_invitation
from invitations.tickets import make_ticket
from login.models import Session
from orgs.models import Membership
from orgs.services.organizations import freeze_organization
from tests.cast import (
    JENNIFER,
    OPERATOR,
    OUTSIDER,
    PASSWORD,
    Company,
    make_hoekstra,
    make_invitation,
    make_role,
    make_user,
)
from tests.login.conftest import asking
from tests.page_driver import Page, PageDriver

NOT_FOUND = "invitation not found or already used"


def opened(browser: PageDriver, customer: Company, invitation: Invitation) -> Page:
    return browser.open("/authorize", **asking(customer, invitation=make_ticket(invitation)))


def test_a_new_person_sets_a_password_and_is_a_member(browser: PageDriver, hoekstra: Company) -> None:
    role = make_role()
    page = opened(browser, hoekstra, make_invitation(hoekstra, roles=[role]))
    assert page.path.startswith("/signup/invitation?state=")
    assert "Hoekstra &amp; Associates" in page.text
    back = browser.follow(browser.submit(page, password=PASSWORD))
    assert back.location.startswith(hoekstra.redirect_uri)
    assert back.parameters["state"] == "a-state"
    assert back.parameters["code"]
    membership = Membership.objects.get(organization=hoekstra.organization)
    assert membership.user.email == JENNIFER
    assert membership.user.email_verified
    assert list(membership.roles.all()) == [role]


def test_it_is_logged_with_auth0s_codes(browser: PageDriver, hoekstra: Company) -> None:
    page = opened(browser, hoekstra, make_invitation(hoekstra))
    browser.submit(page, password=PASSWORD)
    found = set(AuditEvent.objects.filter(organization_id=hoekstra.organization.pk).values_list("type", flat=True))
    assert {"si", "s", "organization_member_added"} <= found
    assert AuditEvent.objects.filter(type="ss").exists()


def test_the_address_of_the_form_is_the_invited_one_whatever_is_sent(browser: PageDriver, hoekstra: Company) -> None:
    page = opened(browser, hoekstra, make_invitation(hoekstra))
    browser.submit(page, password=PASSWORD, email=OUTSIDER, user_id="auth0|other")
    assert User.objects.filter(email=JENNIFER).exists()
    assert not User.objects.filter(email=OUTSIDER).exists()


def test_a_weak_password_asks_again_and_changes_nothing(browser: PageDriver, hoekstra: Company) -> None:
    page = opened(browser, hoekstra, make_invitation(hoekstra))
    again = browser.submit(page, password="weak")
    assert again.status == 422
    assert "at least 8 characters" in again.text
    assert "weak" not in again.text.replace("weak-", "")
    assert not Credential.objects.exists()
    assert not Membership.objects.exists()


def test_an_existing_person_signs_in_with_the_password_they_have(browser: PageDriver, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER)
    page = opened(browser, hoekstra, make_invitation(hoekstra))
    assert "You already have an account" in page.text
    wrong = browser.submit(page, password="Not-The-Password-1")
    assert wrong.status == 422
    assert "Wrong email or password." in wrong.text
    back = browser.follow(browser.submit(page, password=PASSWORD))
    assert back.parameters["code"]
    assert Membership.objects.filter(organization=hoekstra.organization, user=user).exists()
    assert User.objects.filter(email=JENNIFER).count() == 1


@pytest.mark.parametrize("who", ["the same person", "somebody else"])
def test_an_existing_session_is_ignored(browser: PageDriver, hoekstra: Company, jennifer: User, who: str) -> None:
    login = browser.open("/authorize", **asking(hoekstra))
    browser.follow(browser.submit(login, username=JENNIFER, password=PASSWORD))
    email = JENNIFER if who == "the same person" else "new@hoekstra.example"
    page = opened(browser, hoekstra, make_invitation(hoekstra, email))
    assert page.path.startswith("/signup/invitation")
    assert email in page.text


def test_signing_up_by_invitation_ends_the_session_of_whoever_was_signed_in(
    browser: PageDriver, hoekstra: Company, jennifer: User
) -> None:
    login = browser.open("/authorize", **asking(hoekstra))
    browser.follow(browser.submit(login, username=JENNIFER, password=PASSWORD))
    page = opened(browser, hoekstra, make_invitation(hoekstra, "new@hoekstra.example"))
    browser.follow(browser.submit(page, password=PASSWORD))
    assert not Session.objects.filter(user=jennifer, revoked_at=None).exists()
    silent = browser.get("/authorize", **asking(hoekstra, prompt="none"))
    assert silent.parameters["code"]


def test_scanners_may_fetch_the_link_as_often_as_they_like(browser: PageDriver, hoekstra: Company) -> None:
    invitation = make_invitation(hoekstra)
    for _visit in range(10):
        assert opened(PageDriver(), hoekstra, invitation).path.startswith("/signup/invitation")
    assert browser.follow(browser.submit(opened(browser, hoekstra, invitation), password=PASSWORD)).parameters["code"]


def expired(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())


def revoked(invitation: Invitation) -> None:
    revoke_invitation(actor=OPERATOR, invitation=invitation)


def accepted(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())


def sent_again(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(ticket_digest="0" * 64)


@pytest.mark.parametrize("ending", [expired, revoked, accepted, sent_again])
def test_a_link_that_has_ended_is_refused_with_the_same_words(
    browser: PageDriver, hoekstra: Company, ending: object
) -> None:
    invitation = make_invitation(hoekstra)
    request = asking(hoekstra, invitation=make_ticket(invitation))
    assert callable(ending)
    ending(invitation)
    back = browser.get("/authorize", **request)
    assert back.location.startswith(hoekstra.redirect_uri)
    assert (back.parameters["error"], back.parameters["error_description"]) == ("invalid_request", NOT_FOUND)


@pytest.mark.parametrize("ending", [expired, revoked, accepted])
def test_a_link_that_ends_while_the_page_is_open_is_refused(
    browser: PageDriver, hoekstra: Company, ending: object
) -> None:
    invitation = make_invitation(hoekstra)
    page = opened(browser, hoekstra, invitation)
    assert callable(ending)
    ending(invitation)
    back = browser.follow(browser.submit(page, password=PASSWORD))
    assert back.parameters["error_description"] == NOT_FOUND
    assert not Credential.objects.exists()


def test_a_changed_ticket_is_refused(browser: PageDriver, hoekstra: Company) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    changed = ("A" if ticket[0] != "A" else "B") + ticket[1:]
    assert browser.get("/authorize", **asking(hoekstra, invitation=changed)).parameters["error"] == "invalid_request"


def test_a_ticket_of_another_organization_or_application_is_refused(
    browser: PageDriver, hoekstra: Company, metahexa: Company
) -> None:
    invitation = make_invitation(hoekstra)
    ticket = make_ticket(invitation)
    other_application = browser.get("/authorize", **asking(metahexa, invitation=ticket))
    assert other_application.parameters["error_description"] == NOT_FOUND
    other_organization = browser.get(
        "/authorize", **asking(hoekstra, invitation=ticket, organization=metahexa.organization.pk)
    )
    assert other_organization.parameters["error_description"] == NOT_FOUND
    invitation.refresh_from_db()
    assert invitation.state == "pending"


def test_a_ticket_without_an_organization_is_refused(browser: PageDriver, hoekstra: Company) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    back = browser.get("/authorize", **asking(hoekstra, invitation=ticket, organization=""))
    assert back.parameters["error"] == "invalid_request"


def test_a_frozen_organization_accepts_nobody(browser: PageDriver, hoekstra: Company) -> None:
    ticket = make_ticket(make_invitation(hoekstra))
    freeze_organization(actor=OPERATOR, organization=hoekstra.organization)
    back = browser.get("/authorize", **asking(hoekstra, invitation=ticket))
    assert back.parameters["error"] == "invalid_request"


def test_a_blocked_person_does_not_join(browser: PageDriver, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER)
    User.objects.filter(pk=user.pk).update(blocked=True)
    page = opened(browser, hoekstra, make_invitation(hoekstra))
    back = browser.follow(browser.submit(page, password=PASSWORD))
    assert (back.parameters["error"], back.parameters["error_description"]) == ("unauthorized", "user is blocked")
    assert not Membership.objects.exists()


def test_a_username_is_asked_for_where_the_connection_has_them(browser: PageDriver, db: None) -> None:
    customer = make_hoekstra(connection_options={"requires_username": True})
    page = opened(browser, customer, make_invitation(customer))
    back = browser.follow(browser.submit(page, password=PASSWORD, username="jennifer"))
    assert back.parameters["code"]
    assert Credential.objects.get().username == "jennifer"


def test_the_invitation_of_a_deleted_user_can_still_be_used(browser: PageDriver, hoekstra: Company) -> None:
    user = make_user(hoekstra.connection, JENNIFER)
    invitation = make_invitation(hoekstra)
    delete_user(actor=OPERATOR, user=user)
    page = opened(browser, hoekstra, invitation)
    assert browser.follow(browser.submit(page, password=PASSWORD)).parameters["code"]

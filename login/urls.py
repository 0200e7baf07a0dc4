"""The paths of the login pages."""

from django.urls import path, re_path

from login.views.consent import ConsentView
from login.views.identifier import LoginView
from login.views.invitation import InvitationSignupView, InvitationView
from login.views.organization import OrganizationView
from login.views.password_reset import ResetRequestView, ResetView
from login.views.signup import SignupView
from login.views.theme import direct_visit, theme
from login.views.verification import VerifyEmailView

urlpatterns = [
    path("login", direct_visit),
    path("u/login", LoginView.as_view(), name="login"),
    path("u/signup", SignupView.as_view(), name="login-signup"),
    path("u/reset-password/request", ResetRequestView.as_view(), name="login-reset-request"),
    path("u/reset-password", ResetView.as_view(), name="login-reset"),
    path("u/email-verification", VerifyEmailView.as_view(), name="login-verify"),
    path("u/organizations", OrganizationView.as_view(), name="login-organizations"),
    path("u/consent", ConsentView.as_view(), name="login-consent"),
    re_path(r"^u/theme/([0-9a-f]{6})-([0-9a-f]{6})\.css$", theme, name="login-theme"),
    path("signup/invitation", InvitationSignupView.as_view(), name="login-invitation-signup"),
    path("invitation", InvitationView.as_view(), name="login-invitation"),
]

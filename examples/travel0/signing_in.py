"""Signing in and out by OpenID Connect: the part to copy."""

import hmac
import logging
from typing import Any, Final

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Blueprint, Flask, redirect, request, session
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from .config import Config
from .id_token import Expectation, IdTokenRefused, verify_id_token
from .pages import failure
from .people import People, Person
from .store import MemoryStore

_log = logging.getLogger(__name__)

_SCOPE: Final = "openid profile email"
_ISSUER_TIMEOUT_SECONDS: Final = 10
_LEEWAY_SECONDS: Final = 30
_LOGINS_AT_ONCE: Final = 8
# What the link in an invitation brings and the issuer wants to see again. Its third parameter, `organization_name`, is
# for greeting people before they sign in and is not a parameter of the authorization request.
_FORWARDED: Final = ("invitation", "organization")
_MAXIMUM_PARAMETER_LENGTH: Final = 512
_MAXIMUM_DESCRIPTION_LENGTH: Final = 500

Page = Response | tuple[str, int]


class IssuerMismatch(Exception):
    """Somebody else answers where our issuer should (OpenID Connect Discovery 1.0 section 4.3, RFC 9207)."""


def register_issuer(app: Flask, config: Config, logins: MemoryStore) -> Any:
    """Return Authlib's client of the issuer. `logins` keeps state, nonce and PKCE verifier of each until used once."""
    client_kwargs: dict[str, object] = {
        "scope": _SCOPE,
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_post",
        "default_timeout": _ISSUER_TIMEOUT_SECONDS,
    }
    if config.ca_bundle:
        # Requests prefers the bundle that REQUESTS_CA_BUNDLE names to ours, unless it is told to leave the environment
        # alone, its proxies included.
        client_kwargs |= {"verify": config.ca_bundle, "trust_env": False}
    return OAuth(app, cache=logins).register(
        "travel0",
        client_id=config.client_id,
        client_secret=config.client_secret,
        server_metadata_url=config.discovery_url,
        client_kwargs=client_kwargs,
    )


def build_signing_in(config: Config, people: People, issuer: Any) -> Blueprint:
    """Return the blueprint of `/login`, `/login/callback` and `/logout`."""
    signing_in = Blueprint("signing_in", __name__)

    @signing_in.get("/login")
    def login() -> Page:
        """The Application Login URI: start here from our own button or from the link in an invitation."""
        parameters = {name: request.args[name] for name in _FORWARDED if request.args.get(name)}
        if not _is_plausible(parameters, config):
            return failure("invalid_request", "This link is not complete, or it is meant for somebody else.", 400)
        if config.organization:
            parameters["organization"] = config.organization
        _forget_abandoned_logins()
        try:
            _metadata(issuer, config)
            started = issuer.create_authorization_url(config.callback_url, **parameters)
        except (requests.RequestException, IssuerMismatch) as error:
            return _unavailable(error)
        organization = parameters.get("organization")
        issuer.save_authorize_data(redirect_uri=config.callback_url, organization=organization, **started)
        return redirect(started["url"], 303)

    @signing_in.get("/login/callback")
    def callback() -> Page:
        """OpenID Connect Core 1.0 section 3.1.2.5 onwards: the person is back, with a code or with an error."""
        state = request.args.get("state", "")
        login = issuer.framework.get_state_data(session, state)
        if login is None:
            # The text of a stranger's link is not ours to show, so an `error` without our state is not repeated.
            return failure("expired", "It was finished already, took too long, or began in another browser.", 400)
        try:
            _check_response_issuer(_metadata(issuer, config), config)
            if "error" in request.args:
                issuer.framework.clear_state_data(session, state)
                return _refused(request.args["error"], request.args.get("error_description", ""))
            people.sign_in(_redeem(issuer, config, login))
        except (requests.RequestException, IssuerMismatch) as error:
            return _unavailable(error)
        except OAuthError as error:
            return _refused(error.error, error.description)
        except (JoseError, IdTokenRefused) as error:
            _log.warning("refused an ID token: %s", error)
            return failure("unverified", "The answer did not prove who you are. Nobody was signed in.", 400)
        return redirect(config.base_url + "/", 303)

    @signing_in.post("/logout")
    def logout() -> Page:
        """End our own session first, then the issuer's (OpenID Connect RP-Initiated Logout 1.0 section 2)."""
        person = people.find()
        if person is None:
            return redirect(config.logged_out_url, 303)
        if not hmac.compare_digest(request.form.get("form_token", "").encode(), person.form_token.encode()):
            return failure("invalid_request", "Sign out with the button on our own page.", 400)
        people.sign_out()
        try:
            end_session_endpoint = _metadata(issuer, config).get("end_session_endpoint")
        except (requests.RequestException, IssuerMismatch) as error:
            _log.warning("signed out here only: %s", type(error).__name__)
            end_session_endpoint = None
        if not end_session_endpoint:
            return redirect(config.logged_out_url, 303)
        hint = {"id_token_hint": person.id_token, "client_id": config.client_id}
        target = add_params_to_uri(
            end_session_endpoint, [*hint.items(), ("post_logout_redirect_uri", config.logged_out_url)]
        )
        return redirect(target, 303)

    return signing_in


def _redeem(issuer: Any, config: Config, login: dict[str, Any]) -> Person:
    """Exchange the code and read the ID token twice: by Authlib on receipt, then on our own."""
    # Authlib compares issuer and audience only with what it is told here.
    claims_options = {
        "iss": {"essential": True, "value": config.issuer},
        "aud": {"essential": True, "value": config.client_id},
    }
    token = issuer.authorize_access_token(claims_options=claims_options, leeway=_LEEWAY_SECONDS)
    id_token, access_token = token.get("id_token"), token.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise IdTokenRefused("the token endpoint answered without an ID token")
    expected = Expectation(
        issuer=config.issuer,
        client_id=config.client_id,
        nonce=login["nonce"],
        organization=login["organization"],
    )
    # Authlib has fetched the keys anew by now if the header named one that it did not know.
    claims = verify_id_token(id_token, expected, access_token=access_token, key_set=issuer.fetch_jwk_set())
    return Person.from_claims(claims, id_token)


def _metadata(issuer: Any, config: Config) -> dict[str, Any]:
    metadata: dict[str, Any] = issuer.load_server_metadata()
    if metadata.get("issuer") != config.issuer:
        raise IssuerMismatch("discovery names another issuer")
    return metadata


def _check_response_issuer(metadata: dict[str, Any], config: Config) -> None:
    """RFC 9207 section 2.4: an answer from another issuer is a mix-up attack."""
    is_promised = metadata.get("authorization_response_iss_parameter_supported") is True
    if request.args.get("iss", None if is_promised else config.issuer) != config.issuer:
        raise IssuerMismatch("the authorization response names another issuer")


def _is_plausible(parameters: dict[str, str], config: Config) -> bool:
    """Turn away what no invitation of ours looks like, before anybody is sent anywhere."""
    if any(len(request.args.getlist(name)) > 1 for name in _FORWARDED):
        return False
    if any(len(value) > _MAXIMUM_PARAMETER_LENGTH for value in parameters.values()):
        return False
    return config.organization is None or parameters.get("organization", config.organization) == config.organization


def _forget_abandoned_logins() -> None:
    """Authlib leaves a marker in the cookie for each login begun; too many would outgrow what a browser stores."""
    begun = [name for name in session if name.startswith("_state_")]
    if len(begun) >= _LOGINS_AT_ONCE:
        for name in begun:
            del session[name]


def _refused(error: str, description: str | None) -> tuple[str, int]:
    _log.info("the issuer refused a login: %.100r", error)
    status = 403 if error == "access_denied" else 400
    return failure(error, (description or "")[:_MAXIMUM_DESCRIPTION_LENGTH], status)


def _unavailable(error: Exception) -> tuple[str, int]:
    _log.error("the issuer cannot be used: %s", type(error).__name__)
    return failure("unavailable", "Our sign-in service did not answer as it should. Please try again shortly.", 502)

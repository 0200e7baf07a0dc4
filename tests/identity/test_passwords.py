"""The password policy of a connection, and what is ever hashed."""

from typing import Any

import pytest

from core.errors import Invalid
from identity import passwords
from identity.passwords import check_password_policy, describe_policy, hash_password, verify_password


def refusal(options: dict[str, Any], password: str, **context: Any) -> str:
    with pytest.raises(Invalid) as refused:
        check_password_policy(options, password, **context)
    assert refused.value.field == "password"
    return refused.value.code


@pytest.mark.parametrize(
    ("policy", "weak", "good"),
    [
        ("none", "", "a"),
        (None, "", "a"),
        ("low", "12345", "123456"),
        ("fair", "Abcdef1", "Abcdefg1"),
        ("fair", "abcdefg1", "Abcdefg1"),
        ("fair", "ABCDEFG1", "Abcdefg1"),
        ("fair", "Abcdefgh", "Abcdefg1"),
        ("good", "Abcdef1", "Abcdefg1"),
        ("good", "abcdefg1", "abcdefg-1"),
        ("excellent", "Abcdefg-1", "Abcdefgh-1"),
        ("excellent", "Abcdefggg-1", "Abcdefgg-1"),
    ],
)
def test_each_policy_draws_its_line(policy: str | None, weak: str, good: str) -> None:
    options = {"passwordPolicy": policy}
    assert refusal(options, weak) == "password_too_weak"
    check_password_policy(options, good)


def test_a_minimum_length_wins_over_the_policy() -> None:
    options = {"passwordPolicy": "good", "password_complexity_options": {"min_length": 12}}
    assert refusal(options, "Abcdefg-123") == "password_too_weak"
    check_password_policy(options, "Abcdefgh-123")


def test_a_password_has_at_most_128_characters() -> None:
    check_password_policy({}, "a" * 128)
    assert refusal({}, "a" * 129) == "password_too_weak"


@pytest.mark.parametrize("password", ["a" * 1_000_000, "x" * 129], ids=["a megabyte", "one too many"])
def test_an_over_long_password_is_never_hashed(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    stored = hash_password("right")

    def forbidden(*_arguments: Any, **_keywords: Any) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(passwords, "check_password", forbidden)
    monkeypatch.setattr(passwords, "make_password", forbidden)
    assert not verify_password(password, stored)
    assert refusal({}, password) == "password_too_weak"


@pytest.mark.parametrize("password", ["before\x00after", "tab\tbed", "half\ud800"])
def test_what_other_systems_cut_is_refused(password: str) -> None:
    assert refusal({"passwordPolicy": "none"}, password) == "password_too_weak"


def test_emoji_and_other_scripts_are_welcome() -> None:
    password = "Пароль-🦊-7"
    check_password_policy({"passwordPolicy": "excellent"}, password)
    assert verify_password(password, hash_password(password))


def test_the_same_keys_on_two_keyboards_are_one_password() -> None:
    composed, decomposed = "Ångström-7", "A\u030angstro\u0308m-7"
    assert verify_password(decomposed, hash_password(composed))


@pytest.mark.parametrize("password", ["password1", "PassWord1", "travel0-summer", "TRAVEL0-Summer"])
def test_common_and_own_words_are_refused(password: str) -> None:
    options = {"passwordPolicy": "none", "password_dictionary": {"enable": True, "dictionary": ["travel0-summer"]}}
    assert refusal(options, password) == "password_dictionary"
    check_password_policy({"passwordPolicy": "none"}, password)


@pytest.mark.parametrize("password", ["xJennifer1x", "hoekstra-99", "i-am-jennifer"])
def test_names_and_addresses_are_refused(password: str) -> None:
    options = {"passwordPolicy": "none", "password_no_personal_info": {"enable": True}}
    assert refusal(options, password, personal=("jennifer@a.example", "Jennifer Hoekstra")) == "password_personal_info"
    check_password_policy(options, "unrelated", personal=("jennifer@a.example", "Jennifer Hoekstra", "Al"))


def test_earlier_passwords_are_refused_while_the_history_is_on() -> None:
    history = (hash_password("one"), hash_password("two"), hash_password("three"))
    options = {"passwordPolicy": "none", "password_history": {"enable": True, "size": 2}}
    assert refusal(options, "two", history=history) == "password_history"
    check_password_policy(options, "three", history=history)
    check_password_policy({"passwordPolicy": "none"}, "two", history=history)


def test_the_rules_are_told_in_words() -> None:
    rules = describe_policy(
        {
            "passwordPolicy": "excellent",
            "password_dictionary": {"enable": True},
            "password_no_personal_info": {"enable": True},
        }
    )
    assert rules[0] == "At least 10 characters"
    assert len(rules) == 5

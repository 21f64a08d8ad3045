"""What tells a secret from what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.redaction import checks


@pytest.mark.parametrize(
    ("value", "card"),
    [
        ("4111111111111111", True),
        ("4111 1111 1111 1111", True),
        ("5500-0000-0000-0004", True),
        ("378282246310005", True),
        ("4111111111111112", False),
        ("1234567890123456", False),
        ("4444444444444444", False),
        ("41111111", False),
    ],
)
def test_a_card_has_an_issuer_a_length_and_a_check_digit(value: str, card: bool) -> None:
    assert checks.is_card(value) is card


@given(st.integers(0, 10**14 - 1))
def test_of_ten_last_digits_one_makes_a_card(number: int) -> None:
    assert sum(checks.is_card(f"4{number:014d}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize(
    ("value", "iban"),
    [
        ("DE89 3704 0044 0532 0130 00", True),
        ("GB82WEST12345698765432", True),
        ("DE88370400440532013000", False),
        ("QQ89370400440532013000", False),
        ("DE89", False),
    ],
)
def test_an_iban_has_a_country_a_length_and_check_digits(value: str, iban: bool) -> None:
    assert checks.is_iban(value) is iban


@pytest.mark.parametrize(
    "value", ["<your key>", "${API_KEY}", "$(TOKEN)", "xxxx", "****", "YOUR_KEY", "%(key)s", "os.environ.token"]
)
def test_a_placeholder_is_no_value(value: str) -> None:
    assert not checks.is_value(value)


@pytest.mark.parametrize("value", ["required", "Invalid.", "expired!", "None"])
def test_a_word_that_explains_is_no_value(value: str) -> None:
    assert not checks.is_value(value)


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("a1b2c3d4", True),
        ("abcdefgh", False),
        ("12345678", False),
        ("gpt-4o.mini", False),
        ("a1b2", False),
        ("1.5e10", False),
    ],
)
def test_a_token_is_letters_and_digits_of_some_length(value: str, token: bool) -> None:
    assert checks.is_token(value) is token


@pytest.mark.parametrize(("value", "basic"), [("dXNlcjpwYXNz", True), ("dXNlcg==", False), ("not base64!", False)])
def test_a_basic_login_is_a_name_and_a_password_in_base64(value: str, basic: bool) -> None:
    assert checks.is_basic(value) is basic
    assert checks.is_login(value) is basic

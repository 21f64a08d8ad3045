"""Which names tell of a secret."""

import pytest

from pytest_llmreplay.redaction.names import graded


@pytest.mark.parametrize(
    "name",
    ["password", "db_password", "X-Api-Key", "apiKey", "OPENAI_API_KEY", "client-secret", "PGPASSWORD", "Set-Cookie",
     "user.access_token", "awsSecretAccessKey", "myApp.dbPassword"],
)  # fmt: skip
def test_a_strong_name_makes_any_value_a_secret(name: str) -> None:
    assert graded(name)[0] == "strong"


@pytest.mark.parametrize("name", ["token", "auth", "session.key", "pin", "sentry_dsn"])
def test_a_weak_name_makes_a_secret_of_what_looks_like_one(name: str) -> None:
    assert graded(name)[0] == "weak"


@pytest.mark.parametrize(
    "name",
    ["max_token", "next_page_token", "cache_key", "primaryKey", "question", "tokens", "keyboard", "passenger", "",
     "password" * 30],
)  # fmt: skip
def test_names_that_count_or_order_are_harmless(name: str) -> None:
    assert graded(name) == ("", "")


def test_the_secret_is_called_by_the_words_that_tell_it() -> None:
    assert graded("x-my-api-key") == ("strong", "api-key")
    assert graded("PGPASSWORD") == ("strong", "password")
    assert graded("csrfToken") == ("strong", "csrf-token")

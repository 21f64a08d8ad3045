import base64
import hashlib
import json
import random
import re
import time
import uuid
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.call import Call, Message, Text, ToolCall
from pytest_llmreplay.redaction.redactor import Hit, Redactor, compiled
from tests.redaction.made import NAMED, SECRETS, text_with
from tests.redaction.secrets import CONTEXTS, HARMLESS, TOKENS, plain

REDACTOR = Redactor("salt", environment={})
AROUND = ("{}", "Use {} for now.", "a\n{}\nb", "x={}", '{{"note": "{}"}}', "https://example.com/{}/x")
MARK = r"\[redacted:[a-z0-9-]+:[0-9a-f]{4}\]"


@pytest.mark.parametrize(("kind", "secret"), TOKENS.items())
def test_a_token_is_known_by_its_look_wherever_it_stands(kind: str, secret: str) -> None:
    for around in AROUND[: 5 if " " in secret and "-" not in secret else None]:  # no number stands in a path
        cleaned = REDACTOR.text(around.format(plain(secret)))
        assert plain(secret) not in cleaned
        assert re.search(MARK, cleaned)
    assert re.fullmatch(rf"\[redacted:{kind}:[0-9a-f]{{4}}\]", REDACTOR.text(plain(secret)))


@pytest.mark.parametrize(("around", "secret"), CONTEXTS.items())
def test_a_secret_is_known_by_what_stands_around_it(around: str, secret: str) -> None:
    text = around.format(plain(secret))
    cleaned = REDACTOR.text(f"Please run\n{text}\nnow")
    assert plain(secret) not in cleaned
    assert re.search(MARK, cleaned)
    assert REDACTOR.text(cleaned) == cleaned


WRITTEN: Mapping[str, Callable[[str], str]] = {
    "alone": str,
    "in a sentence": lambda text: f"Here is what you need: {text} - keep it safe.",
    "in JSON": lambda text: json.dumps({"content": text}),
    "in JSON in JSON": lambda text: json.dumps({"arguments": json.dumps({"text": f"Line\n{text}\nend"})}),
    "as Python": lambda text: repr({"content": ["x", text]}),
    "in quotes": lambda text: f"x='{text}', next",
    "in markup": lambda text: f"<tool_output>{text}</tool_output>",
    "on a line": lambda text: f"first\n{text}\nlast",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("way", WRITTEN)
def test_a_secret_made_at_random_is_found_however_it_is_written(name: str, way: str) -> None:
    chance = random.Random(f"{name} {way}")  # noqa: S311 - nothing secret
    for _ in range(20):
        text, secret = text_with(name, chance)
        cleaned = REDACTOR.text(WRITTEN[way](text)).replace("\\n", "\n")
        assert [line for line in secret.split("\n") if line in cleaned and "-----" not in line] == []


PRINTED: Mapping[str, Callable[[str, str], object]] = {
    "member": lambda name, secret: {"outer": [{name: secret}]},
    "list": lambda name, secret: {name: [secret]},
    "wrapped": lambda name, secret: {name: {"value": secret}},
    "attribute": lambda name, secret: {"key": f"http.request.header.{name}", "value": {"stringValue": secret}},
    "attributes": lambda name, secret: {
        "key": f"http.request.header.{name}",
        "value": {"arrayValue": {"values": [{"stringValue": secret}]}},
    },
    "pair": lambda name, secret: [[name, secret]],
    "line": lambda name, secret: f"{name}: {secret}\n",
    "JSON": lambda name, secret: json.dumps({name: secret}),
    "Python": lambda name, secret: repr({name: secret}),
    "bytes": lambda name, secret: repr({name.encode(): secret.encode()}),
    "pairs": lambda name, secret: repr([(name, secret)]),
    "pairs of bytes": lambda name, secret: repr([(name.encode(), secret.encode())]),
    "argument": lambda name, secret: f"client({name.replace('-', '_')}={secret!r})",
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("way", PRINTED)
def test_a_name_tells_of_a_secret_however_it_is_written(name: str, way: str) -> None:
    chance = random.Random(f"{name} {way}")  # noqa: S311 - nothing secret
    for _ in range(20):
        secret = NAMED[name](chance)
        assert secret not in json.dumps(REDACTOR.value(PRINTED[way](name, secret)))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text
    assert REDACTOR.scan(text.encode()) == []


def test_ids_hashes_times_and_images_stay() -> None:
    chance = random.Random(1)  # noqa: S311 - nothing secret
    for _ in range(500):
        data = chance.randbytes(32)
        for text in (
            data.hex(),
            hashlib.sha256(data).hexdigest(),
            str(uuid.UUID(bytes=data[:16])),
            base64.b64encode(data * 4).decode(),
            base64.urlsafe_b64encode(data * 4).decode(),
            f"{chance.random()}",
            f"178{chance.randrange(10**16):016d}",
            json.dumps({"traceId": data[:16].hex(), "spanId": data[:8].hex(), "v": [chance.random() for _ in "abc"]}),
        ):
            assert REDACTOR.text(text) == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "abc"),
        ("x-api-key", "abc"),
        ("http.request.header.x_api_key", "abc"),
        ("cookie", "a=b"),
        ("clientSecret", "abc"),
        ("DB_PASSWORD", "abc"),
        ("password", 1234),
        ("accessToken", "abc"),
        ("token", "abc123def456"),
    ],
)
def test_the_name_of_a_member_tells_that_its_value_is_secret(name: str, value: object) -> None:
    cleaned = REDACTOR.value({"outer": [{name: value}]})
    assert re.fullmatch(MARK, str(cleaned["outer"][0][name]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", 100),
        ("token", "Hello"),
        ("password", {"type": "string"}),
        ("password", None),
        ("password", True),
        ("next_page_token", "abc123def456"),
        ("primary_key", "abc123def456"),
        ("session_id", "abc123def456"),
        ("signature", "abc123def456"),
        ("password", "string"),
    ],
)
def test_the_name_of_a_harmless_member_tells_nothing(name: str, value: object) -> None:
    assert REDACTOR.value({name: value}) == {name: value}


def test_names_and_values_in_lists_of_attributes_and_headers_belong_together() -> None:
    attribute = {"key": "http.request.header.x-api-key", "value": {"stringValue": "abc"}}
    assert re.fullmatch(MARK, REDACTOR.value([attribute])[0]["value"]["stringValue"])  # type: ignore[index]
    assert re.fullmatch(MARK, REDACTOR.value([["x-api-key", "abc"]])[0][1])
    assert re.fullmatch(MARK, REDACTOR.value([{"name": "set-cookie", "value": "abc"}])[0]["value"])


def test_values_of_ours_are_redacted_as_well_and_stay_the_same_objects_where_nothing_changed() -> None:
    secret = plain(TOKENS["github-token"])
    parts = (Text(f"key {secret}"), ToolCall("login", {"password": "hunter3"}, "call_1"))
    call = Call(kind="chat", messages=(Message("user", parts),))
    cleaned = REDACTOR.value(call)
    assert secret not in repr(cleaned)
    assert "hunter3" not in repr(cleaned)
    harmless = Call(kind="chat", messages=(Message("user", (Text("hello"),)),))
    assert REDACTOR.value(harmless) is harmless


def test_equal_secrets_stay_equal_and_others_different() -> None:
    one, other = plain(TOKENS["github-token"]), plain(TOKENS["github-token"]).replace("16", "17")
    marks = re.findall(MARK, REDACTOR.text(f"{one} {other} {one}"))
    assert marks[0] == marks[2] != marks[1]
    assert Redactor("other salt", environment={}).text(one) != marks[0]
    assert REDACTOR.salted("other salt").text(one) == Redactor("other salt", environment={}).text(one)


def test_the_key_of_a_header_keeps_its_scheme_and_the_kind_of_its_token() -> None:
    token = plain(TOKENS["openai-key"])
    assert re.fullmatch(rf"Bearer {MARK}", REDACTOR.value({"Authorization": f"Bearer {token}"})["Authorization"])


def test_values_of_the_environment_are_secret_wherever_they_stand() -> None:
    values = {"SHOP_TOKEN": "plain looking", "X_API_KEY": 'a"b c!', "SHOP_NAME": "harmless value", "Y_PASSWORD": "none"}
    redactor = Redactor("salt", environment=values)
    text = json.dumps({"note": 'plain looking, a"b c!, harmless value, none'})
    cleaned = redactor.text(text)
    assert re.sub(MARK, "*", cleaned) == '{"note": "*, *, harmless value, none"}'
    assert [hit.kind for hit in redactor.scan(text.encode())] == ["environment", "environment"]


def test_the_folder_that_a_shell_is_in_is_no_secret() -> None:
    redactor = Redactor("salt", environment={"PWD": "/home/ann/shop-1", "OLDPWD": "/home/ann/shop-2"})
    assert redactor.text("/home/ann/shop-1/base.json") == "/home/ann/shop-1/base.json"


def test_the_users_patterns_are_rules_as_well() -> None:
    patterns = compiled([r"EMP-\d{5}", r"badge (\w+)"], "llm_redact")
    redactor = Redactor("salt", patterns=patterns, environment={})
    assert re.sub(MARK, "*", redactor.text("EMP-12345 has badge ab12")) == "* has badge *"


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("(", "llm_redact: '(' is no regular expression: missing ), unterminated subpattern at position 0"),
        ("x*", "llm_redact: 'x*' matches the empty text, and so everything"),
        ("x" * 501, "llm_redact: a pattern of 501 characters; at most 500"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_named(pattern: str, told: str) -> None:
    with pytest.raises(UsageProblem) as error:
        compiled([pattern], "llm_redact")
    assert str(error.value) == told


def test_a_scan_tells_kind_and_place_and_nothing_of_the_value() -> None:
    data = f"é: ü\nkey: {plain(TOKENS['groq-key'])}\n".encode()
    hits = REDACTOR.scan(data)
    assert hits == [Hit("groq-key", data.index(b"gsk_"), 2)]
    assert str(hits[0]) == "groq-key in line 2"


def test_a_scan_finds_nothing_in_what_was_redacted() -> None:
    everything = {
        "tokens": [plain(secret) for secret in TOKENS.values()],
        "texts": [around.format(plain(secret)) for around, secret in CONTEXTS.items()],
        "headers": {"Authorization": "abc", "Cookie": "a=b"},
    }
    cleaned = REDACTOR.value(everything)
    assert REDACTOR.scan(json.dumps(cleaned).encode()) == []
    assert REDACTOR.scan(json.dumps(cleaned, indent=1).encode()) == []
    assert REDACTOR.value(cleaned) == cleaned


PIECES = st.sampled_from(
    ["password", "api_key", ": ", "=", " is ", '"', "\\", "\n", "hunter2", "Bearer ", "Cookie: ", "a=b", "&", "{", "}",
     "[redacted:x:1234]", " ", "secret", "?key=", "-u a:", "https://u:p4ss@host/", *map(plain, TOKENS.values())]
)  # fmt: skip


@given(st.lists(PIECES, max_size=10).map("".join))
def test_what_is_redacted_stays_as_it_is(text: str) -> None:
    cleaned = REDACTOR.text(text)
    assert REDACTOR.text(cleaned) == cleaned


HOSTILE = [
    "sk-", "eyJ", "eyJ.", "-----BEGIN PRIVATE KEY-----", "password", "password=", '"password":"', "://a:", "Bearer ",
    "1234 ", "4111-", "cookie:", "a=", "?a=", "aws ", "12345678:a", "api_key ", '\\"', "key-", "token ", "M" * 24 + ".",
    "xox", "authorization:", "DE89 3704 ", "x" * 19 + "@", "[redacted:", "1" * 200 + " ", "AccountKey=", "s.", "A_",
    "api key is ", "-u a:", "//", "/bot1",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_time_in_proportion_to_its_length(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece))
        begin = time.process_time()
        REDACTOR.find(text)
        return time.process_time() - begin

    assert cost(160_000) < max(1.0, 40 * cost(20_000))  # eight times as long; a quadratic rule takes 64 times as long

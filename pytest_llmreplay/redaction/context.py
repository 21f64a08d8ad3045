"""Secrets in running text that are known by what stands around them. PYTEST_DONT_REWRITE

Names before a value (``password=…``, ``"api_key": "…"``), headers, URLs. ``names.py`` says which
names.
"""

import re
from collections.abc import Iterator, Sequence

from pytest_llmreplay.redaction.checks import (
    is_basic,
    is_bearer,
    is_header,
    is_password,
    is_short_token,
    is_token,
    is_value,
    is_weakly_named,
)
from pytest_llmreplay.redaction.names import graded
from pytest_llmreplay.redaction.protocol import Finder, Found, Rule

ENDS = (
    "password", "passwd", "passwort", "passphrase", "passcode", "pwd", "secret", "key", "token", "jwt", "credential",
    "auth", "authorization", "string", "verifier", "cvv", "cvc", "otp", "pin", "pass", "ssn",
    "number", "code", "pw",
)  # fmt: skip
"""How the names end that tell of a secret."""
BEFORE = re.compile(r"[A-Za-z0-9_. -]*\Z")
QUOTED = (
    r"\"(?:[^\"\\\n]|\\[^\n]){1,4096}\"|'(?:[^'\\\n]|\\[^\n]){1,4096}'|`[^`\n]{1,4096}`|"
    r"\\{1,3}[\"'][^\"'\\\n]{1,4096}\\{1,3}[\"']"
)
BARE = r"[^\s\"'`,;&<>(){}\[\]\\|]{4,256}(?![\w.]{0,40}[(\[])"
ASSIGNED = re.compile(
    r"(?P<rest>s|2|[ _-]?(?i:id))?(?P<close>[\"'`*\\]{0,4})[ \t]{0,4}(?P<sign>=>|:=|[:=])"
    rf"(?P<gap>[ \t]{{0,4}})(?:[bruBRU]{{1,2}}(?=[\"']))?(?P<value>{QUOTED}|{BARE})"
)
SAID = re.compile(
    r"[ \t]{1,3}(?i:is|was|set to|=|->)[ \t]{0,3}[:=]?[ \t]{0,3}"
    rf"(?P<value>[\"'`][^\"'`\s]{{4,512}}[\"'`]|{BARE})"
)
PAIR = re.compile(
    r"[(\[]b?\\{0,3}[\"']([A-Za-z0-9_.-]{2,60})\\{0,3}[\"'],\s{0,20}b?\\{0,3}[\"']([^\"'\n\\]{4,4096})\\{0,3}[\"'],?\s{0,20}[)\]]"
)
QUERY = re.compile(r"[?&;]([A-Za-z0-9_.%-]{1,60})=([^&\s\"'<>#\\;]{1,2048})")
QUERY_SECRETS = frozenset(
    {"sig", "signature", "hmac", "auth", "appid", "x-amz-credential", "x-goog-credential", "se-key"}
)
"""Names that mean a secret in a URL alone."""
LONGEST_NAME = 40
SHORTEST = 4
"""Characters of a value without quotes, at least."""


class Assignments:
    """``name = value``, ``"name": "value"``, ``name: value`` and ``the name is value``."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All values whose name tells that they are secret."""
        for word in ENDS:
            at = lowered.find(word)
            while at >= 0:
                end = at + len(word)
                if found := ASSIGNED.match(text, end):
                    yield from assigned(name_before(text, at) + text[at:end] + (found["rest"] or ""), found)
                elif found := SAID.match(text, end):
                    yield from said(name_before(text, at) + text[at:end], found)
                at = lowered.find(word, end)


def name_before(text: str, at: int) -> str:
    """What of a name stands before its last word."""
    found = BEFORE.search(text, max(0, at - LONGEST_NAME), at)
    name = found[0] if found else ""
    escaped = name[:1] in ("n", "r", "t") and text[at - len(name) - 1 : at - len(name)] == "\\"
    return name[1:] if escaped else name


def assigned(name: str, found: re.Match[str]) -> Iterator[Found]:
    """The value of one assignment, if it is a secret."""
    grade, kind = graded(name)
    if not grade:
        return
    start, end = unquoted(found)
    quoted = end - start < found.end("value") - found.start("value")
    value = found.string[start:end]
    if not quoted and len(value := value.rstrip(".!?:*")) < SHORTEST:
        return
    if grade == "weak":
        tight = found["sign"] == "=" and not found["gap"]
        good = is_weakly_named(value, kind) or (tight and is_short_token(value))
    elif name.lower().rpartition(" ")[2].startswith("x-") or quoted or (found["sign"] == "=" and not found["gap"]):
        good = is_value(value)
    else:
        good = is_password(value) or (alone(name, kind, found) and is_value(value) and len(value) >= 6)
    if good:
        yield Found(start, start + len(value), kind)


def said(name: str, found: re.Match[str]) -> Iterator[Found]:
    """The value of ``the name is value``, if it is a secret."""
    grade, kind = graded(name)
    start, end = unquoted(found)
    value = found.string[start:end].rstrip(".,!?:")
    if grade and (is_password(value) if kind in MADE_UP else is_token(value)):
        yield Found(start, start + len(value), kind)


MADE_UP = frozenset({"password", "passwd", "passwort", "passphrase", "passcode", "pwd", "secret", "otp", "cvv", "cvc"})
"""What people think up themselves, and what may be short."""


def alone(name: str, kind: str, found: re.Match[str]) -> bool:
    """Whether the value is the one word behind the sign, up to the end of its line."""
    rest = found.string[found.end() : found.end() + 1]
    return (
        kind in MADE_UP
        and rest in ("", "\n", "\r", "\\", "'", '"')
        and " " not in name.strip()
        and found["value"].isascii()
    )


def unquoted(found: re.Match[str]) -> tuple[int, int]:
    """Where the value lies without its quotes."""
    start, end = found.span("value")
    text = found.string
    quotes = len(text[start:end]) - len(text[start:end].lstrip("\\\"'`"))
    if quotes and text[end - 1] in "\"'`":
        return start + quotes, max(start + quotes, end - quotes)
    return start, end


class Queries:
    """Members of a URL's query or of a form whose name tells that they are secret."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All such values."""
        if "=" not in text:
            return
        for found in QUERY.finditer(text):
            name = found[1].replace("%2D", "-")
            grade, kind = graded(name)
            bare, value = name.lower(), found[2]
            if bare in QUERY_SECRETS or (bare == "code" and len(value) >= 20 and is_token(value)):
                grade, kind = "strong", bare
            if value.startswith("[redacted:") or not grade or not is_value(value):
                continue
            if grade == "strong" or (len(value) >= 6 and any(map(str.isdigit, value))) or len(value) >= 20:
                yield Found(found.start(2), found.end(2), kind)


class Pairs:
    """``("name", "value")``, as headers and forms are printed, in text or bytes."""

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All values whose name tells that they are secret."""
        for found in PAIR.finditer(text):
            grade, kind = graded(found[1])
            value = found[2]
            if grade and not value.startswith("[redacted:") and is_of_pair(value, grade, kind):
                yield Found(found.start(2), found.end(2), kind)


def is_of_pair(value: str, grade: str, kind: str) -> bool:
    """Whether the second of two texts is a secret, where the first is a name; two names may stand together, too."""
    if grade == "weak":
        return is_weakly_named(value, kind)
    return is_header(value) or (is_password(value) if kind in MADE_UP else is_value(value) and len(value) >= 20)


SCHEMES = "bearer|basic|token|apikey|api-key|bot|key|digest|negotiate|aws4-hmac-sha256|ssws|hawk"
HEADERS: Sequence[Rule] = (
    Rule(
        "cookie",
        ("cookie",),
        re.compile(
            r"(?i)(?:(?<![a-z])|(?<=\\[nrt]))(?:set-)?cookie[\"'\\]{0,3}[ \t]{0,3}[:=,][ \t]{0,3}(?:b(?=[\"']))?[\"'\\\[]{0,4}((?!\[redacted:)[^\r\n\"'\\=]{1,200}=[^\r\n\"'\\]{1,4096})"
        ),
    ),
    Rule(
        "authorization",
        ("authorization",),
        re.compile(
            rf"(?i)authorization[\"'\\]{{0,3}}[ \t]{{0,3}}[:=][ \t]{{0,3}}(?:b(?=[\"']))?[\"'\\\[]{{0,4}}(?:(?:{SCHEMES})[ \t]{{1,3}})?(?!(?:{SCHEMES})\b|\[?redacted:)([^\s\"'\\,;<>\[\]{{}}()]{{3,4096}})"
        ),
        is_value,
    ),
    Rule(
        "bearer",
        ("bearer",),
        re.compile(r"(?i)(?:(?<![a-z])|(?<=\\[nrt]))bearer[ \t:]{1,3}[\"'`]?([A-Za-z0-9._~+/=-]{8,4096})"),
        is_bearer,
    ),
    Rule(
        "basic-auth",
        ("basic",),
        re.compile(r"(?i)(?:(?<![a-z])|(?<=\\[nrt]))basic[ \t]{1,3}([A-Za-z0-9+/_-]{6,1024}={0,2})"),
        is_basic,
    ),
    Rule(
        "session",
        ("sess", "sid", "csrf"),
        re.compile(
            r"(?i)(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|sessionid|session_token|csrftoken|_session)=([^\s;&\"'\\,\[\]]{8,1024})"
        ),
    ),
    Rule(
        "argument",
        ("-p", "-t", "-s", "-a", "-k"),
        re.compile(
            r"(?i)(?<![\w-])--?(?:password|passwd|pass|token|secret|api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|key)[ \t]([^\s\"'\\\[-][^\s\"'\\]{3,512})"
        ),
        is_password,
    ),
    Rule(
        "login",
        ("-u", "--user"),
        re.compile(r"(?<![\w-])(?:-u|--user)[ \t=]{1,2}[\"']?[^\s:\"']{1,128}:((?!\[redacted:)[^\s\"'\\]{3,256})"),
        is_value,
    ),
    Rule(
        "login",
        ("login",),
        re.compile(r"(?i)login[ \t]{1,3}[^\s]{1,128}\s{1,3}password[ \t]{1,3}([^\s\"'\\\[]{3,256})"),
        is_value,
    ),
    Rule(
        "argument",
        ("sshpass", "docker login", "mysql", "mongo", "redis-cli"),
        re.compile(
            r"(?:sshpass|docker login|mysql\w{0,10}|mongo\w{0,10}|redis-cli)[^\n]{0,80}?[ \t]-[pa][ \t]?\\{0,3}[\"']?([^\s\"'\\\[-][^\s\"'\\]{3,256})"
        ),
        is_value,
    ),
    Rule(
        "pin",
        ("pin", "code", "otp", "cvv", "cvc"),
        re.compile(
            r"(?i)(?<![a-z])(?:pin|passcode|otp|cvv2?|cvc|(?:one[- ]time|verification|security) code)(?: code| number)?(?: is|[ \t]?[:=])[ \t]{1,3}([0-9]{3,8})(?![0-9.])"
        ),
    ),
    Rule(
        "api-key",
        ("key", "token"),
        re.compile(
            r"(?i)(?<![a-z])(?:api|access|secret|auth)[ _-]?(?:key|token)[ \t]{1,3}([A-Za-z0-9_-]{20,256})(?![A-Za-z0-9_-])"
        ),
        is_token,
    ),
    Rule(
        "private-key",
        ("key-data",),
        re.compile(r"key-data[\"'\\]{0,4}:\s{1,4}[\"'\\]{0,4}([A-Za-z0-9+/]{40,8192}={0,2})"),
    ),
    Rule("aws-signature", ("signature=",), re.compile(r"(?i)Signature=([0-9a-f]{64})")),
)
URLS: Sequence[Rule] = (
    Rule(
        "url-password",
        ("://",),
        re.compile(r"://[^\s/:@?#\"'<>\[\]]{0,128}:((?!\[redacted:)[^\s/\"'<>\\]{1,256})@(?=[\w\[])"),
        is_value,
    ),
    Rule("url-user", ("://",), re.compile(r"://([A-Za-z0-9_.~%+-]{16,256})@(?=[\w\[])")),
    Rule(
        "dsn-password",
        ("pwd=", "password="),
        re.compile(r"(?i)(?:pwd|password)=((?!\[redacted:)[^;\s\"'\\]{1,200})(?=;)"),
    ),
)
CONTEXT: Sequence[Finder] = (*URLS, *HEADERS, Queries(), Pairs(), Assignments())

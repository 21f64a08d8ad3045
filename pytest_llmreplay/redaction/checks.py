"""What tells a secret from what only looks like one. PYTEST_DONT_REWRITE"""

import binascii
import re
from base64 import b64decode

PLACEHOLDER = re.compile(
    r"[xX*.•…#-]{3,}\Z|<.*>\Z|\$?\{.*|\$\(?[A-Z_]+\)?\Z|%[A-Z_(].*|(?i:your|my|the|an?)[-_ ][^0-9]*\Z|[A-Z_]+\Z|"
    r"(?:[A-Za-z_.]*[._])?(?i:(?:api)?key|token|password|passwd|secret|credentials?|pwd)\Z|"
    r"[a-z]+(?:Key|Token|Password|Secret)\Z"
)
"""What stands for a secret to be filled in, or is the name of a variable."""
WORDS = frozenset((
    "required", "invalid", "missing", "incorrect", "wrong", "expired", "reset", "string", "null", "none", "true",
    "false", "optional", "hidden", "changed", "unknown", "masked", "empty", "undefined", "secret", "password",
    "passwd", "token", "key", "apikey", "bearer", "basic", "auth", "default", "example", "changeit", "str", "int",
    "bool", "bytes", "text", "value", "object", "number", "boolean", "array", "any", "self", "provided", "supplied",
    "given", "needed", "present", "absent", "protected", "disabled", "enabled", "encrypted", "generated", "rotated",
    "revoked", "accepted", "rejected", "authentication", "authorization", "authenticated", "authorized",
    "credentials", "cookie", "cookies", "session", "limit", "usage", "count", "budget", "not", "and", "the", "for",
    "with", "that", "this", "only", "from", "your", "must", "should", "will", "can", "may", "has", "was", "are",
    "is", "in", "on", "at",
))  # fmt: skip
"""What stands behind ``password:`` without being one."""
COUNTRIES = frozenset((
    "AD", "AE", "AL", "AT", "AZ", "BA", "BE", "BG", "BH", "BR", "BY", "CH", "CR", "CY", "CZ", "DE", "DK", "DO", "EE",
    "EG", "ES", "FI", "FO", "FR", "GB", "GE", "GI", "GL", "GR", "GT", "HR", "HU", "IE", "IL", "IQ", "IS", "IT", "JO",
    "KW", "KZ", "LB", "LC", "LI", "LT", "LU", "LV", "LY", "MC", "MD", "ME", "MK", "MR", "MT", "MU", "NL", "NO", "PK",
    "PL", "PS", "PT", "QA", "RO", "RS", "SA", "SC", "SD", "SE", "SI", "SK", "SM", "ST", "SV", "TL", "TN", "TR", "UA",
    "VA", "VG", "XK",
))  # fmt: skip
NAME = re.compile(r"[a-z_][a-z0-9_-]{0,60}(?:\.[a-z0-9_-]{1,60}){1,20}\Z|[a-z][a-z0-9]{0,8}(?:[A-Z][a-z]{2,30}){1,6}\Z")
LENGTHS = {"3": (14, 15, 16), "4": (13, 16), "5": (16,), "6": (16,), "2": (16,)}
"""Digits of a card by its first one."""


def has_digit(value: str) -> bool:
    """Whether there is a digit beyond the prefix; hyphenated words have none."""
    return any(each.isdigit() for each in value[3:])


def mixed(value: str) -> bool:
    """Whether letters meet digits, or small letters large ones inside a word."""
    letters = any(each.isalpha() for each in value)
    digits = any(each.isdigit() for each in value)
    return letters and (digits or (any(each.isupper() for each in value[1:]) and any(each.islower() for each in value)))


def is_random(value: str) -> bool:
    """Whether there is a digit beyond the prefix, or letters of both cases in a word; hyphenated words have neither."""
    return has_digit(value) or re.search(r"[A-Z][a-z]+[A-Z]\w*\Z|[a-z][A-Z]\w*[a-z]", value[3:]) is not None


def long_or_mixed(value: str) -> bool:
    """Whether a value is made of letters of both cases and digits."""
    return any(map(str.isdigit, value)) and any(map(str.isupper, value)) and any(map(str.islower, value))


def is_card(value: str) -> bool:
    """Whether digits are a payment card's: length, issuer and the check digit (Luhn, ISO/IEC 7812-1)."""
    digits = [int(each) for each in value if each.isdecimal()]
    if len(digits) not in LENGTHS.get(value[0], ()) or len(set(digits)) < 2:
        return False
    doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(value: str) -> bool:
    """Whether it is an international account number (ISO 13616): country, length and check digits."""
    plain = value.replace(" ", "")
    if plain[:2] not in COUNTRIES or not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(each, 36)) for each in plain[4:] + plain[:4])) % 97 == 1


def is_basic(value: str) -> bool:
    """Whether it is ``user:password`` in base64 (RFC 7617)."""
    try:
        return b":" in b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False


def is_login(value: str) -> bool:
    """The same of a value that need not be base64 at all: what it holds has to be text."""
    if len(value) < 8 or not is_basic(value):
        return False
    said = b64decode(value + "=" * (-len(value) % 4))
    return said.isascii() and said.decode().isprintable()


def is_value(value: str) -> bool:
    """Whether it is something that was filled in: no placeholder, no word that explains."""
    return value.lower().rstrip(".,!?") not in WORDS and not PLACEHOLDER.match(value)


def is_password(value: str) -> bool:
    """Whether it is a password rather than a word of a sentence."""
    return is_value(value) and (mixed(value) or (len(value) >= 4 and not re.sub(r"[-_.,!?]", "", value).isalpha()))


def is_token(value: str) -> bool:
    """Whether it is a token rather than a word: letters and digits, of some length."""
    return (
        len(value) >= 8
        and mixed(value)
        and any(map(str.isdigit, value))
        and is_value(value)
        and not is_number(value)
        and not is_name(value)
    )


def is_name(value: str) -> bool:
    """Whether it is the name of an attribute: words with dots or capitals between them, and few digits."""
    return sum(map(str.isdigit, value)) <= 6 and NAME.match(value) is not None


def is_weakly_named(value: str, kind: str) -> bool:
    """Whether the value of a name that may mean a secret is one: a token, digits of a pin, a login in base64."""
    if kind == "pin":
        return value.isdecimal() and 4 <= len(value) <= 8
    return is_token(value) or (kind == "auth" and is_login(value))


def is_number(value: str) -> bool:
    """Whether it is a number as JSON writes it."""
    return re.fullmatch(r"[+-]?[0-9.]{1,40}(?:[eE][+-]?[0-9]{1,4})?", value) is not None


def is_bearer(value: str) -> bool:
    """Whether what follows ``Bearer`` is a token."""
    return is_value(value) and (any(map(str.isdigit, value)) or len(value) >= 20)


def is_short_token(value: str) -> bool:
    """Whether it is a token that is not long: letters and digits."""
    return len(value) >= 6 and mixed(value) and any(map(str.isdigit, value)) and is_value(value)


def is_header(value: str) -> bool:
    """Whether it is the value of a header that authorises: with a scheme, a cookie, or a bare token."""
    return is_token(value) or re.match(r"(?i)(?:bearer|basic|token|ssws|digest) \S", value) is not None

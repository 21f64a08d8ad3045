"""Personal data that is known by its look. Names and postal addresses are not. PYTEST_DONT_REWRITE

What is redacted before writing are secrets; these rules are for those who ask for them.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address

from pytest_llmreplay.redaction.protocol import Rule
from pytest_llmreplay.redaction.tokens import GENERAL

RESERVED = re.compile(r"(?i)(?:@|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost)\Z")
"""Ends of addresses that belong to nobody (RFC 2606)."""
OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
PHONE = (
    r"(?<![\w+./-])(\+[1-9][0-9]{0,2}(?:[ ().-]{0,2}[0-9]{1,4}){2,5}|"
    r"(?:\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4})(?![\w-])"
)


def is_somebodys(value: str) -> bool:
    """Whether a mail address may belong to somebody."""
    return RESERVED.search(value) is None


def is_phone(value: str) -> bool:
    """Whether there are as many digits as a telephone number has (ITU-T E.164)."""
    return 8 <= sum(map(str.isdigit, value)) <= 15


def is_public(value: str) -> bool:
    """Whether an IP address can be reached from outside."""
    return ip_address(value).is_global


PERSONAL: Mapping[str, tuple[Rule, ...]] = {
    "email": (
        Rule(
            "email",
            ("@",),
            re.compile(
                r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,24}(?![\w-])"
            ),
            is_somebodys,
        ),
    ),
    "phone": (Rule("phone", (), re.compile(PHONE), is_phone),),
    "card": tuple(each for each in GENERAL if each.kind == "card"),
    "iban": tuple(each for each in GENERAL if each.kind == "iban"),
    "ssn": (
        Rule(
            "ssn",
            ("-",),
            re.compile(r"(?<![\w-])(?!000|666|9[0-9]{2})[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![\w-])"),
        ),
    ),
    "ip": (Rule("ip", (".",), re.compile(rf"(?<![\w.])(?:{OCTET}\.){{3}}{OCTET}(?!\w|\.[0-9])"), is_public),),
}
"""By kind. ``ssn`` is the social security number of the United States."""

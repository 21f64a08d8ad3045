"""Which names of headers, attributes, members and variables tell of a secret. PYTEST_DONT_REWRITE"""

import re
from functools import lru_cache
from typing import Literal, TypeAlias

Grade: TypeAlias = Literal["strong", "weak", ""]
"""``strong``: any value is a secret. ``weak``: one that looks like a token is."""

SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
STRONG = tuple(
    tuple(each.split())
    for each in (
        "password", "passwd", "passwort", "passphrase", "passcode", "pwd", "secret", "secrets", "apikey", "api key",
        "api keys", "access key", "secret key", "private key", "encryption key", "signing key", "account key",
        "subscription key", "master key", "shared key", "license key", "auth key", "app key", "application key",
        "consumer key", "client key", "deploy key", "server key", "service key", "ssh key", "rsa key", "hmac key",
        "host key", "admin key", "write key", "webhook key", "shared access key",
        "auth code", "authorization code", "client secret", "client assertion", "code verifier",
        "access token", "refresh token", "id token", "auth token", "bearer token", "session token", "api token",
        "security token", "csrf token", "xsrf token", "oauth token", "personal access token", "bot token",
        "token secret", "github token", "gitlab token", "slack token", "hf token", "private token", "service token",
        "deploy token",
        "device token", "push token", "registration token", "auth header", "authorization", "proxy authorization",
        "cookie", "cookies", "set cookie", "connection string", "connectionstring", "conn str",
        "credential", "credentials", "jwt", "cvv", "cvc", "cvv2", "card number", "cardnumber", "credit card", "iban",
        "ssn", "social security number", "webhook secret", "otp", "one time password", "mfa code", "recovery code",
        "secret value", "password hash", "sas token", "shared access signature", "x amz signature", "x goog signature",
        "secret string", "keypass", "storepass", "mnemonic", "seed phrase", "pw", "userpass", "userpwd",
        "accesskey", "secretkey", "privatekey", "accesstoken", "authtoken", "refreshtoken", "clientsecret",
        "secret access key", "access key id", "openai organization", "openai project", "honeycomb team",
        "role key", "functions key", "function key", "server token", "webhook token", "user token",
        "become pass", "ssh pass", "smtp pass", "db pass", "database pass", "redis pass", "key data",
    )
)  # fmt: skip
WEAK = frozenset({"token", "auth", "key", "pass", "pin", "dsn", "sid", "sessionid"})
COUNTS = frozenset((
    "page", "pagination", "continuation", "next", "cancellation", "sync", "cursor", "eos", "bos", "pad", "unk", "stop",
    "max", "min", "per", "total", "primary", "foreign", "public", "sort", "cache", "partition", "group", "object",
    "storage", "routing", "idempotency", "dedupe", "dedup", "issue", "i18n",
))  # fmt: skip
"""Words before a weak name that make it harmless."""
STRONG_NAMES = frozenset(STRONG)
LONGEST = max(map(len, STRONG))
JOINED = (
    "password", "passwd", "passphrase", "apikey", "secretkey", "accesskey", "masterkey", "signingkey",
    "encryptionkey", "privatekey", "accesstoken", "sessiontoken", "refreshtoken", "authtoken", "bottoken",
    "clientsecret",
)  # fmt: skip
"""What ends a word that is several: ``PGPASSWORD``."""
NOTHING: tuple[Grade, str] = ("", "")


@lru_cache(maxsize=4096)
def graded(name: str) -> tuple[Grade, str]:
    """How surely a name tells that its value is a secret, by its last words; and what to call the secret."""
    if len(name) > 200:
        return NOTHING
    words = tuple(word.lower() for word in SPLIT.split(name) if word)
    for count in range(min(LONGEST, len(words)), 0, -1):
        if words[-count:] in STRONG_NAMES:
            return "strong", "-".join(words[-count:])
    if words and (joined := next((each for each in JOINED if words[-1].endswith(each)), "")):
        return "strong", joined
    if words and words[-1] in WEAK and not (len(words) > 1 and words[-2] in COUNTS):
        return "weak", words[-1]
    return NOTHING

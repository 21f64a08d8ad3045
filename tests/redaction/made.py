"""Secrets made at random in the shapes that their issuers document; none of them is one.

A bar stands where a scanner of repositories would take the shape for a secret; it is taken out when one is made.
"""

import base64
import json
import random
import string
import uuid
from collections.abc import Callable, Mapping

LETTERS = string.ascii_letters + string.digits
Chance = random.Random


def some(chance: Chance, count: int, of: str = LETTERS) -> str:
    return "".join(chance.choice(of) for _ in range(count))


def hexadecimal(chance: Chance, count: int) -> str:
    return some(chance, count, "0123456789abcdef")


def data(chance: Chance, count: int) -> str:
    return base64.b64encode(chance.randbytes(count)).decode()


def in_url(chance: Chance, count: int) -> str:
    return base64.urlsafe_b64encode(chance.randbytes(count)).decode().rstrip("=")


def unique(chance: Chance) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def web_token(chance: Chance) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
    body = json.dumps({"sub": unique(chance), "exp": 1790000000}).encode()
    return f"{head}.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.{in_url(chance, 64)}"


def signed(chance: Chance) -> str:
    return base64.b64encode(f"bot:{some(chance, 24)}".encode()).decode()


SECRETS: Mapping[str, tuple[str, Callable[[Chance], str]]] = {
    "anthropic admin": ("{}", lambda c: "sk-|ant-admin01-" + in_url(c, 60)),
    "openai service account": ("{}", lambda c: "sk-|svcacct-" + in_url(c, 54)),
    "deepseek": ("{}", lambda c: "sk-" + hexadecimal(c, 32)),
    "litellm": ("{}", lambda c: "sk-litellm-" + some(c, 22)),
    "openrouter": ("{}", lambda c: "sk-or-v1-" + hexadecimal(c, 64)),
    "together": ("{}", lambda c: "tgp_v1_" + in_url(c, 32)),
    "exa": ("{}", lambda c: "exa_" + unique(c)),
    "arize": ("{}", lambda c: f"ak-{unique(c)}-{in_url(c, 24)}"),
    "cerebras": ("{}", lambda c: "csk-" + some(c, 48, string.ascii_lowercase + string.digits)),
    "organization": ("Rate limit reached in organization {} on requests", lambda c: "org-" + some(c, 24)),
    "aws pair": ("{}", lambda c: f"AKIA|{some(c, 16, string.ascii_uppercase + '234567')}:{data(c, 30)}"),
    "azure openai": ("{}", lambda c: f"{some(c, 52)}JQQJ99B{some(c, 3)}ACYeBjFXJ3w3AAABACOG{some(c, 4)}"),
    "azure client secret": ("{}", lambda c: f"{some(c, 3)}8Q~|{some(c, 34)}"),
    "azure storage": ("AccountName=acme;AccountKey={};EndpointSuffix=x", lambda c: data(c, 64)),
    "azure service bus": ("Endpoint=sb://a.b/;SharedAccessKeyName=R;SharedAccessKey={}", lambda c: data(c, 32)),
    "azure sas": ("https://a.blob.core.windows.net/p.pdf?sv=2022&sr=b&sig={}", lambda c: f"{some(c, 40)}%3D"),
    "s3 presigned": ("https://a.s3.amazonaws.com/p?X-Amz-Date=2026&X-Amz-Signature={}", lambda c: hexadecimal(c, 64)),
    "gcs signed": ("https://storage.googleapis.com/a/p?X-Goog-Signature={}", lambda c: hexadecimal(c, 256)),
    "google refresh token": ("{}", lambda c: f"1//0|{some(c, 1)}{in_url(c, 70)}"),
    "github fine-grained": ("{}", lambda c: f"github_pat_|{some(c, 22)}_{some(c, 59)}"),
    "github in a URL": ("git clone https://x-access-token:{}@github.com/a/b.git", lambda c: "ghs_|" + some(c, 36)),
    "slack app": ("{}", lambda c: f"xapp-1-A{some(c, 10, string.ascii_uppercase)}-1234567890123-|{hexadecimal(c, 64)}"),
    "teams webhook": (
        "https://a.webhook.office.com/webhookb2/{}",
        lambda c: f"{unique(c)}@{unique(c)}/IncomingWebhook/{hexadecimal(c, 32)}/{unique(c)}",
    ),
    "stripe restricted": ("{}", lambda c: "rk_|live_" + some(c, 60)),
    "mollie": ("{}", lambda c: "live_" + some(c, 30)),
    "adyen": ("{}", lambda c: "AQEhmfuX" + data(c, 60)),
    "supabase": ("{}", lambda c: f"sb_secret_|{some(c, 22)}_{some(c, 8)}"),
    "neon": ("postgresql://owner:{}@ep-cool.aws.neon.tech/db?sslmode=require", lambda c: "npg_" + some(c, 12)),
    "redis": ("rediss://default:{}@eu1-fit.upstash.io:6379", lambda c: in_url(c, 36)),
    "mongo": ("mongodb+srv://shop:{}@prod.x1y2z.mongodb.net/orders", lambda c: some(c, 16) + "%21"),
    "odbc": ("Driver={{ODBC Driver 18}};Uid=svc;Pwd={};Encrypt=yes;", lambda c: f"{some(c, 9)}#{some(c, 4)}"),
    "sentry": ("https://public:{}@sentry.acme.io/12", lambda c: hexadecimal(c, 32)),
    "private key": (
        "{}",
        lambda c: f"-----BEGIN EC PRIVATE| KEY-----\n{data(c, 48)}\n{data(c, 48)}\n-----END EC PRIVATE| KEY-----",
    ),
    "web token": ("{}", web_token),
    "infisical": ("{}", lambda c: f"st.{hexadecimal(c, 24)}.{hexadecimal(c, 32)}.{hexadecimal(c, 32)}"),
    "docker login": ('{{"auths": {{"ghcr.io": {{"auth": "{}"}}}}}}', signed),
    "npmrc": ("//registry.npmjs.org/:_authToken={}", unique),
    "datadog": ("DD-API-KEY: {}", lambda c: hexadecimal(c, 32)),
    "asana": ("{}", lambda c: f"2/{c.randrange(10**15, 10**16)}/{c.randrange(10**15, 10**16)}:{hexadecimal(c, 32)}"),
    "telegram in a URL": (
        "https://api.telegram.org/bot{}/sendMessage",
        lambda c: f"{c.randrange(10**9, 10**10)}:AA|{in_url(c, 25)[:33]}",
    ),
    "cloudflare": ("{}", lambda c: "cfat_" + some(c, 40)),
    "render": ("{}", lambda c: "rnd_" + some(c, 28)),
    "wireguard": ("[Interface]\nPrivateKey = {}", lambda c: data(c, 32)),
    "kubernetes": ("client-key-data: {}", lambda c: data(c, 200)),
    "login cookie": ("Cookie: __Host-session={}; theme=dark", lambda c: in_url(c, 40)),
    "token header": ("Authorization: Token {}", lambda c: hexadecimal(c, 40)),
    "magic link": ("https://app.acme.io/verify?token={}", lambda c: in_url(c, 32)),
    "login code": ("https://app.acme.io/cb?code={}&state=x", lambda c: "4/0A" + in_url(c, 50)),
    "weather": ("https://api.openweathermap.org/data/2.5/weather?appid={}", lambda c: hexadecimal(c, 32)),
    "twitter": ("{}", lambda c: f"{'A' * 21}{some(c, 28)}%3D{some(c, 50)}"),
}
"""A text around each, and what makes one."""

NAMED: Mapping[str, Callable[[Chance], str]] = {
    "authorization": lambda c: "Bearer " + some(c, 30),
    "x-goog-api-key": lambda c: some(c, 39),
    "x-amz-security-token": lambda c: data(c, 90),
    "x-functions-key": lambda c: data(c, 40),
    "x-shopify-access-token": lambda c: some(c, 32),
    "set-cookie": lambda c: f"id={some(c, 20)}; Path=/",
    "clientSecret": lambda c: some(c, 32),
    "SESSIONTOKEN": lambda c: data(c, 60),
    "encryptionKey": lambda c: data(c, 32),
    "service_role_key": lambda c: some(c, 40),
    "license_key": lambda c: "-".join(some(c, 5, string.ascii_uppercase) for _ in range(4)) + "-A2B3C",
}
"""Names of headers, members and variables, and what makes a value of each."""


def text_with(name: str, chance: Chance) -> tuple[str, str]:
    """A text that holds a new secret, and the secret."""
    around, make = SECRETS[name]
    secret = make(chance).replace("|", "")
    return around.format(secret), secret

"""Secrets that are known by their look: a prefix and what follows it. PYTEST_DONT_REWRITE

The prefixes are those that the issuers document, and that the rules of gitleaks (MIT) list as well. Quantifiers are
bounded, so that the time is linear in the text. There is no test for randomness: trace ids, hashes and images are what
these files are full of.
"""

import re
from collections.abc import Callable, Sequence

from pytest_llmreplay.redaction.checks import has_digit, is_card, is_iban, is_random, long_or_mixed
from pytest_llmreplay.redaction.protocol import Rule, anything

WORD = r"[A-Za-z0-9_-]"
"""One character of what most issuers use."""


def token(kind: str, pattern: str, *words: str, check: Callable[[str], bool] = anything) -> Rule:
    """A rule for a token that begins where a word does."""
    return Rule(kind, words, re.compile(pattern), check, apart=True)


PRIVATE_KEY = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}(?:-(?!----)[^-]{0,20000}){0,40}"
    r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
)

CARD = (
    r"[3-6][0-9]{12,15}|2[2-7][0-9]{14}|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5}|"
    r"(?:[4-6][0-9]{3}|2[2-7][0-9]{2})(?P<gap>[ -])[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}"
)

JWT = rf"eyJ{WORD}{{6,4000}}\.{WORD}{{6,8000}}(?:\.{WORD}{{0,4000}}){{0,3}}"

WIDE: Sequence[Rule] = (
    Rule("private-key", ("private key",), re.compile(PRIVATE_KEY)),
    token("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{20,100}", "age-secret-key-"),
)
"""Secrets that may hold what looks like others; they go first."""

MODELS: Sequence[Rule] = (
    token("anthropic-key", rf"sk-ant-{WORD}{{12,300}}", "sk-ant-"),
    token("langfuse-key", rf"[sp]k-lf-{WORD}{{8,100}}", "k-lf-"),
    token("openrouter-key", rf"sk-or-{WORD}{{16,200}}", "sk-or-"),
    token("openai-key", rf"sk-{WORD}{{16,400}}|sk-[A-Za-z0-9]{{10,400}}", "sk-", check=is_random),
    token("openai-organization", r"(?:org-|proj_)[A-Za-z0-9]{20,32}(?![\w-])", "org-", "proj_", check=is_random),
    token("openai-session", r"sess-[A-Za-z0-9]{32,64}", "sess-"),
    token("langsmith-key", r"lsv2_[a-z]{2}_[0-9a-zA-Z_]{16,120}|ls__[0-9a-zA-Z]{20,64}", "lsv2_", "ls__"),
    token("groq-key", r"gsk_[A-Za-z0-9]{20,120}", "gsk_"),
    token("replicate-key", r"r8_[A-Za-z0-9]{20,60}", "r8_"),
    token("xai-key", rf"xai-{WORD}{{20,160}}", "xai-", check=has_digit),
    token("perplexity-key", r"pplx-[A-Za-z0-9]{20,80}", "pplx-"),
    token("huggingface-token", r"(?:hf_|api_org_)[A-Za-z0-9]{20,60}", "hf_", "api_org_"),
    token("nvidia-key", rf"nvapi-{WORD}{{20,120}}", "nvapi-"),
    token("fireworks-key", r"fw_[A-Za-z0-9]{20,60}", "fw_", check=has_digit),
    token("cerebras-key", r"csk-[A-Za-z0-9]{20,80}", "csk-"),
    token("tavily-key", rf"tvly-{WORD}{{16,80}}", "tvly-", check=has_digit),
    token("pinecone-key", r"pcsk_[A-Za-z0-9_]{20,120}", "pcsk_"),
    token("elevenlabs-key", r"sk_[A-Za-z0-9]{32,80}", "sk_"),
    token("jina-key", rf"jina_{WORD}{{30,100}}", "jina_"),
    token("voyage-key", rf"pa-{WORD}{{40,60}}", "pa-", check=long_or_mixed),
    token("llamacloud-key", rf"llx-{WORD}{{20,80}}", "llx-", check=has_digit),
    token("firecrawl-key", r"fc-[0-9a-f]{32}", "fc-"),
    token("anyscale-key", r"esecret_[A-Za-z0-9]{16,80}", "esecret_"),
    token("wandb-key", r"wandb_v1_[A-Za-z0-9_]{20,160}", "wandb_v1_"),
    token("together-key", rf"tgp_v1_{WORD}{{30,80}}", "tgp_v1_"),
    token("exa-key", r"exa_[0-9a-f-]{30,40}", "exa_"),
    token("arize-key", rf"ak-[0-9a-f]{{8}}-[0-9a-f]{{4}}-{WORD}{{16,100}}", "ak-"),
    token("e2b-key", r"e2b_[0-9a-f]{30,60}", "e2b_"),
    token(
        "bedrock-key",
        r"ABSK[A-Za-z0-9+/]{60,400}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{20,4000}",
        "absk",
        "bedrock-api-key-",
    ),
)

CLOUDS: Sequence[Rule] = (
    Rule(
        "aws-secret-key",
        ("akia", "asia"),
        re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}[\s\"'\\,:;|/]{1,10}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
    ),
    Rule(
        "aws-secret-key",
        ("aws",),
        re.compile(r"(?i:aws)[\w .-]{0,40}[\"'\\=:\s]{1,8}(?:(?i:is)\s)?[\"'`]?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])"),
        long_or_mixed,
    ),
    token("aws-key-id", r"A(?:3T[A-Z0-9]|KIA|SIA|BIA|CCA|GPA|IDA|ROA|IPA|NPA|NVA|PKA)[A-Z0-9]{16}(?![A-Za-z0-9])", "a"),
    token("google-key", rf"AIza{WORD}{{30,50}}|AQ\.{WORD}{{30,100}}", "aiza", "aq."),
    token(
        "google-token",
        rf"ya29\.[A-Za-z0-9_.-]{{20,500}}|GOCSPX-{WORD}{{20,40}}|1//0{WORD}{{20,200}}",
        "ya29.",
        "gocspx-",
        "1//0",
    ),
    Rule(
        "azure-key",
        ("accountkey", "accesskey"),
        re.compile(r"(?i:AccountKey|SharedAccessKey|AccessKey)\s{0,2}=\s{0,2}([A-Za-z0-9+/]{20,120}={0,2})"),
    ),
    token("azure-key", r"[A-Za-z0-9]{20,60}(?:JQQJ99|AAAAAC)[A-Za-z0-9]{10,60}", "jqqj99", "aaaaac"),
    token("azure-secret", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,40}", "q~"),
    token("digitalocean-token", r"do[oprt]_v1_[0-9a-f]{32,80}", "_v1_"),
    token("databricks-token", r"(?:dapi|dkea|dose|dsapi)[0-9a-f]{32}(?:-[0-9])?", "dapi", "dkea", "dose", "dsapi"),
    token(
        "vault-token", rf"hv[sbr]\.{WORD}{{20,300}}|s\.[A-Za-z0-9]{{24}}(?![A-Za-z0-9.(])", "hv", "s.", check=has_digit
    ),
    token("terraform-token", rf"[A-Za-z0-9]{{14}}\.atlasv1\.{WORD}{{40,100}}", ".atlasv1."),
    token("pulumi-token", r"pul-[0-9a-f]{40}", "pul-"),
    token("doppler-token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{24,80}", "dp."),
    token("heroku-key", rf"HRKU-{WORD}{{30,80}}", "hrku-"),
    token("fly-token", rf"fo1_{WORD}{{30,100}}|fm[12][ar]?_[A-Za-z0-9+/]{{60,2000}}={{0,3}}", "fo1_", "fm1", "fm2"),
    token("netlify-token", r"nf[pcoub]_[A-Za-z0-9]{30,60}", "nf"),
    token("vercel-token", r"(?:vercel_blob_rw|vc[pioark])_[A-Za-z0-9_]{20,100}", "vercel_blob_rw_", "vc"),
    token("supabase-key", rf"(?:sbp|sb_secret|sb_publishable)_{WORD}{{20,100}}", "sbp_", "sb_"),
    token("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{20,100}", "pscale_"),
    token("tailscale-key", r"tskey-[a-z]{2,12}-[A-Za-z0-9-]{8,100}", "tskey-"),
    token("cloudflare-key", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}|cf[aku]t_[A-Za-z0-9]{30,60}", "v1.0-", "cf"),
    token("neon-key", r"napi_[a-z0-9]{40,80}|npg_[A-Za-z0-9]{10,40}", "napi_", "npg_"),
    token("render-key", r"rnd_[A-Za-z0-9]{24,40}", "rnd_", check=is_random),
    token("infisical-token", r"st\.[0-9a-f]{24}\.[0-9a-f]{32}(?:\.[0-9a-f]{32})?", "st."),
    token("dynatrace-token", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}", "dt0"),
    token("openshift-token", rf"sha256~{WORD}{{43}}", "sha256~"),
    token("alibaba-key-id", r"LTAI[A-Za-z0-9]{12,30}(?![A-Za-z0-9])", "ltai"),
    token("yandex-key", rf"AQVN{WORD}{{30,50}}", "aqvn"),
)

TOOLS: Sequence[Rule] = (
    token("github-token", r"(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})", "gh", "github_pat_"),
    token(
        "gitlab-token",
        rf"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-{WORD}{{16,300}}(?:\.[a-z0-9.]{{2,40}})?|GR1348941{WORD}{{16,40}}",
        "gl",
        "gr1348941",
    ),
    token(
        "slack-token",
        r"(?:xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,300}|xapp-[0-9]-[A-Za-z0-9-]{16,300})",
        "xox",
        "xapp-",
    ),
    Rule(
        "slack-webhook",
        ("hooks.slack.com",),
        re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/]{16,200})"),
    ),
    Rule("discord-webhook", ("/api/webhooks/",), re.compile(rf"/api/webhooks/[0-9]{{5,25}}/({WORD}{{30,120}})")),
    token("discord-token", rf"(?:mfa\.{WORD}{{60,100}}|[MNO]{WORD}{{22,27}}\.{WORD}{{6,7}}\.{WORD}{{27,40}})", "."),
    token("telegram-token", rf"[0-9]{{6,12}}:[A-Za-z]{WORD}{{33,35}}(?!{WORD})", ":"),
    Rule("telegram-token", ("/bot",), re.compile(rf"/bot([0-9]{{6,12}}:{WORD}{{30,40}})")),
    Rule(
        "teams-webhook", ("webhook.office.com",), re.compile(r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{30,300})")
    ),
    token(
        "stripe-key", r"(?:[srp]k_(?:live|test|prod)_[A-Za-z0-9]{8,250}|whsec_[A-Za-z0-9+/=]{16,120})", "k_", "whsec_"
    ),
    token("square-token", rf"(?:sq0[a-z]{{3}}-{WORD}{{20,60}}|EAAA{WORD}{{60}}(?![\w+/=-]))", "sq0", "eaaa"),
    token("shopify-token", r"shp(?:at|ca|pa|ss|tka|rt|ka)_[A-Za-z0-9]{20,80}", "shp"),
    token("mollie-key", r"live_[A-Za-z0-9]{30}(?![A-Za-z0-9])", "live_"),
    token("adyen-key", r"AQE[A-Za-z0-9]{5}[A-Za-z0-9+/=-]{60,250}", "aqe"),
    token("asana-token", r"2/[0-9]{10,20}/[0-9]{10,20}:[0-9a-f]{32}", "2/"),
    token("twitter-token", r"A{20,22}[A-Za-z0-9%]{40,120}(?![\w+/=-])", "aaaaaaaaaaaaaaaaaaaa"),
    token("razorpay-key", r"rzp_(?:live|test)_[A-Za-z0-9]{10,40}", "rzp_"),
    token("plaid-token", r"access-(?:sandbox|development|production)-[0-9a-f-]{30,40}", "access-"),
    token("paypal-token", r"access_token\$(?:production|sandbox)\$[0-9a-z]{10,30}\$[0-9a-f]{32}", "access_token$"),
    token("flutterwave-key", rf"FLW(?:PUBK|SECK)(?:_TEST)?-{WORD}{{12,60}}", "flw"),
    token("twilio-key", r"(?:SK|AC)[0-9a-f]{32}(?![A-Za-z0-9])", "sk", "ac"),
    token("sendgrid-key", rf"SG\.{WORD}{{16,60}}\.{WORD}{{16,80}}", "sg."),
    token("brevo-key", r"x(?:keysib|smtpsib)-[0-9a-f]{32,80}(?:-[A-Za-z0-9]{8,40})?", "sib-"),
    token("mailgun-key", r"(?:pub)?key-[0-9a-f]{32}", "key-"),
    token("mailchimp-key", r"[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])", "-us"),
    token("resend-key", r"re_[A-Za-z0-9]{6,20}_[A-Za-z0-9]{16,40}", "re_"),
    token("notion-token", r"(?:secret_[A-Za-z0-9]{30,60}|ntn_[A-Za-z0-9]{30,60})", "secret_", "ntn_"),
    token("linear-key", r"lin_(?:api|oauth)_[A-Za-z0-9]{20,80}", "lin_"),
    token("sentry-token", r"sntry[su]_[A-Za-z0-9_+/=-]{30,400}", "sntry"),
    token("newrelic-key", rf"NR(?:AK|AA|II|IQ|JS|BR|RA|AL)-{WORD}{{16,60}}|[0-9a-f]{{36}}NRAL", "nr"),
    token("grafana-token", r"(?:glsa|glc)_[A-Za-z0-9_+/=]{24,400}", "glsa_", "glc_"),
    token("pagerduty-key", r"pdus\+[A-Za-z0-9_+/-]{16,60}", "pdus+"),
    Rule("okta-token", ("ssws",), re.compile(rf"(?i:SSWS)\s{{1,3}}({WORD}{{20,80}})")),
    token("atlassian-token", r"AT(?:ATT|CTT|BB|OA|SC)[A-Za-z0-9][A-Za-z0-9_=-]{24,300}", "at", check=has_digit),
    token("hubspot-token", r"pat-(?:na|eu|ap)[0-9]-[0-9a-f-]{30,40}", "pat-"),
    token("airtable-token", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}", "pat"),
    token("figma-token", rf"fig[dou]r?_{WORD}{{30,80}}", "fig"),
    token("postman-key", r"PMAK-[0-9a-f]{20,30}-[0-9a-f]{30,40}", "pmak-"),
    token("dropbox-token", rf"sl\.(?:u\.)?{WORD}{{60,2000}}", "sl."),
    token("npm-token", r"npm_[A-Za-z0-9]{30,60}", "npm_", check=has_digit),
    token("pypi-token", rf"pypi-(?:AgE|AgN){WORD}{{12,400}}|pypi-{WORD}{{60,400}}", "pypi-"),
    token("rubygems-key", r"rubygems_[0-9a-f]{40,60}", "rubygems_"),
    token("docker-token", rf"dckr_(?:pat|oat)_{WORD}{{20,60}}", "dckr_"),
    token("artifactory-key", r"AKCp[A-Za-z0-9]{60,80}", "akcp"),
    token("sonar-token", r"sq[apu]_[0-9a-f]{40}", "sq"),
    token("sourcegraph-token", r"(?:sgp_|slk_)[0-9a-fA-F_]{40,90}", "sgp_", "slk_"),
    token("clojars-token", r"CLOJARS_[a-z0-9]{40,80}", "clojars_"),
    token("readme-key", r"rdme_[a-z0-9]{40,80}", "rdme_"),
    token("contentful-token", rf"CFPAT-{WORD}{{40,60}}", "cfpat-"),
    token("typeform-token", r"tfp_[A-Za-z0-9_.=-]{40,80}", "tfp_"),
    token(
        "launchdarkly-key",
        r"(?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "sdk-",
        "mob-",
        "api-",
    ),
    token("mapbox-token", rf"[spt]k\.eyJ{WORD}{{20,200}}\.{WORD}{{16,60}}", "k.eyj"),
    token("onepassword-token", rf"ops_eyJ{WORD}{{40,4000}}", "ops_eyj"),
    token("trello-token", r"ATTA[0-9a-f]{40,80}", "atta"),
    token("facebook-token", r"EAA[A-Za-z0-9]{90,300}(?![\w+/=-])", "eaa"),
)

GENERAL: Sequence[Rule] = (
    Rule("jwt", ("eyj",), re.compile(rf"(?<!{WORD}){JWT}")),
    Rule("jwt", ("eyj",), re.compile(rf"(?<=\\[nrt]){JWT}")),
    Rule("card", (), re.compile(rf"(?:(?<![\w.+/-])|(?<=\\[nrt]))({CARD})(?![\w+/=-]|\.[0-9])"), is_card),
    Rule(
        "iban",
        (),
        re.compile(
            r"(?:(?<![\w+/-])|(?<=\\[nrt]))[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![\w+/=-])"
        ),
        is_iban,
    ),
)
"""Formats of no single issuer."""

TOKENS: Sequence[Rule] = (*WIDE, *MODELS, *CLOUDS, *TOOLS, *GENERAL)

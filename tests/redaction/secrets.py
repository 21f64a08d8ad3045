"""Secrets that are none, as their issuers' look. A bar stands where a scanner of repositories would stop us."""

TOKENS = {
    "anthropic-key": "sk-|ant-api03-AAAAbbbbCCCC1111-dddd_eeee",
    "openai-key": "sk-|proj-abc123DEF456ghi789JKL012mno345",
    "langfuse-key": "pk-lf-|12345678-1234-1234-1234-123456789012",
    "langsmith-key": "lsv2_|pt_0123456789abcdef0123456789abcdef_0123456789",
    "groq-key": "gsk_|abcdefghijklmnopqrstuvwxyz0123456789",
    "replicate-key": "r8_|abcdefghijklmnopqrstuvwxyz0123456789",
    "xai-key": "xai-|abcdefghijklmnop1234567890",
    "perplexity-key": "pplx-|abcdefghijklmnop1234567890",
    "huggingface-token": "hf_|abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "nvidia-key": "nvapi-|abcdefghijklmnop1234567890",
    "aws-key-id": "AKIA|IOSFODNN7EXAMPLE",
    "google-key": "AIza|SyA1234567890abcdefghijklmnopqrstuv",
    "google-token": "ya29.|a0AfH6SMBx-abcdefghijklmnop",
    "digitalocean-token": "dop_v1_|0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "databricks-token": "dapi|0123456789abcdef0123456789abcdef",
    "vault-token": "hvs.|CAESIabcdefghijklmnop123456",
    "doppler-token": "dp.pt.|abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "github-token": "ghp_|16C7e42F292c6912E7710c838347Ae178B4a",
    "gitlab-token": "glpat-|ABCdefGHIjklMNOpqrST",
    "slack-token": "xoxb-|123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx",
    "discord-token": "MTk4NjIyNDgzNDcxOTI1MjQ4.|Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    "telegram-token": "123456789:|ABCdefGHIjklMNOpqrsTUVwxyz123456789",
    "stripe-key": "sk_|live_4eC39HqLyjWDarjtT1zdp7dc",
    "square-token": "sq0atp-|abcdefghijklmnopqrstuv",
    "shopify-token": "shpat_|0123456789abcdef0123456789abcdef",
    "twilio-key": "SK|0123456789abcdef0123456789abcdef",
    "sendgrid-key": "SG.|abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "mailgun-key": "key-|0123456789abcdef0123456789abcdef",
    "notion-token": "ntn_|123456789012345678901234567890123456",
    "linear-key": "lin_api_|abcdefghijklmnopqrstuvwxyz0123456789ABCD",
    "newrelic-key": "NRAK-|ABCDEFGHIJKLMNOPQRSTUVWXYZ1",
    "npm-token": "npm_|abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi-token": "pypi-|AgEIcHlwaS5vcmcCJGFiY2RlZg",
    "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.|eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "private-key": "-----BEGIN RSA PRIVATE| KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "card": "4111 1111| 1111 1111",
    "iban": "DE89 3704| 0044 0532 0130 00",
}

CONTEXTS = {
    "aws_secret_access_key = {}": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLE|KEY",
    "postgres://admin:{}@db.example.com:5432/x": "s3cr3t",
    "mongodb+srv://user:{}@cluster0.mongodb.net": "p@ssw0rd",
    "https://{}@o123.ingest.sentry.io/1": "0123456789abcdef0123456789abcdef",
    "https://x.blob.core.windows.net/c?sv=2020&sig={}&se=2026": "abc%2Fdef%3D",
    "AccountName=foo;AccountKey={};EndpointSuffix=core": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ==",
    "Server=db;User Id=sa;Password={};": "Passw0rd!",
    "Authorization: Basic {}": "dXNlcjpwYXNzd29yZA==",
    'curl -H "Authorization: Bearer {}"': "tok_abc123def456",
    "Cookie: {}": "session=abc123; csrftoken=def456",
    "Set-Cookie: {}": "sid=s%3Aabc.def; Path=/; HttpOnly",
    "X-Api-Key: {}": "4f9a8b7c6d5e",
    "password={}": "hunter2",
    "password: {}": "swordfish",
    "My password is {}.": "hunter2",
    "the api key is {}": "abc123def456",
    '{{"api_key": "{}"}}': "abcd1234efgh",
    '{{\\"cohere_api_key\\": \\"{}\\"}}': "abcd1234efgh",
    "client_secret='{}'": "q8w7e6r5",
    "https://api.example.com/v1?api_key={}&x=1": "abq7zz",
    "https://maps.example.com/api?key={}": "abc123def",
    "mysql --password {} -h db": "letmein1",
    "curl -u admin:{} https://x": "secret123",
    "Authorization: SSWS {}": "00QCjAl4MlV-WPXM7ljEfGvbHx-abcdefghij",
    "PGPASSWORD={} psql": "letmein",
    "jdbc:mysql://host/db?user=root&password={}": "topsecret",
    "machine x login y password {}": "z0rr0pass",
    "sshpass -p '{}' ssh host": "hunter2",
    "mysql -u root -p{} db": "S3cretPw",
    "Your PIN is {}": "4821",
    "the api key {} works": "0123456789abcdef0123456789abcdef",
    "X-API-KEY: {}": "abc-def-ghi",
    '["Authorization", "Bearer {}"]': "abcdef",
    '"ssn": "{}"': "078-05-1120",
    "https://hooks.slack.com/services/{}": "T00000000/B00000000/|abcdefghijklmnopqrstuvwx",
}
"""A text around each secret that is known by what stands around it."""


def plain(secret: str) -> str:
    """Without the bar."""
    return secret.replace("|", "")


HARMLESS = """max_tokens: 100
{"prompt_tokens": 12, "completion_tokens": 6, "total_tokens": 18, "token": "Hello", "logprob": -0.12}
Forgot your password? Click here to reset password: follow the link below.
password is required
The password must be at least 8 characters
{"type": "object", "properties": {"password": {"type": "string", "description": "The user's password"}}}
token = get_token()
api_key = os.environ["OPENAI_API_KEY"]
OpenAI(api_key=settings.api_key)
password=password
def login(user: str, password: str) -> None:
Bearer authentication is used
"finish_reason": "stop", "id": "chatcmpl-1", "system_fingerprint": "fp_44709d6fcb"
call_abc123DEF456ghi789JKL012
toolu_01A09q90qw90lq917835lq9
resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
https://example.com/path?page=2&next_page_token=abc
http://localhost:3000/users/@me
git@github.com:org/repo.git
ssh://git@github.com/org/repo
sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
1780000001000000000
order A-1042, phone 555-0100
sk-estimator-html-document-link-container
risk-based-assessment-2024-report-final
The secret to success is hard work
The key is under the mat
pin code required: enter your pin
"key": "user_profile", "value": "dark_mode"
{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}}
{"key": "llm.input_messages.0.message.content", "value": {"stringValue": "Hello"}}
{"key":"anthropic.usage.cache_creation.ephemeral_5m_input_tokens","value":{"intValue":"0"}}
{"key": "s3Location", "value": {"stringValue": "prompts"}}
"_pagination_key": "p7500000000000000000"
("password", "user-name")
["key", "value-of-it"]
("token", "cookie")
https://example.com/search?code=200&language=en
monkey=banana&keyboard=qwerty12
cookie: a small text file
token_type: bearer
API key: your-api-key-here
export OPENAI_API_KEY=<your key>
password=${DB_PASSWORD}
password: "********"
connection string: unknown
SyntaxError: Unexpected token: punc (=)
credentials: same-origin
primary_key: id
data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
"signature": "ErUBCkYIARgCIkDm5vn0C0a1oWc0=="
""".splitlines()

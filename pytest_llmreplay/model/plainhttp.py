"""A request that is no model call, as a call that can be compared. PYTEST_DONT_REWRITE"""

import hashlib
import json
import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from pytest_llmreplay.model.call import Call, Known
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.wire import WireRequest

CREDENTIAL: Final = re.compile(
    r"(?i)(?:^|[-_.])(?:key|apikey|token|secret|signature|sig|password|credential)$|^x-(?:amz|goog)-"
)
"""Names of query members that say who asks; they are no part of the question, and recordings rightly lack them."""
USUAL_PORTS: Final = {"http": 80, "https": 443}
BOUNDARY: Final = re.compile(rb"\A--([^\r\n]{1,70})\r?\n")
"""First line of a multipart body, whose boundary is another one each time."""
KNOWN: Final = Known(fields=frozenset())
"""Method, address, query and body are compared; the name is made of them."""


def plain_call(request: WireRequest) -> Call:
    """The question of a plain request: method, URL, query in the order of its names, and body."""
    url = urlsplit(request.url)
    port = url.port if url.port != USUAL_PORTS.get(url.scheme) else None
    host = (url.hostname or "") + (f":{port}" if port else "")
    path = unquote(url.path) or "/"
    query: dict[str, list[str]] = {}
    for name, value in sorted(parse_qsl(url.query, keep_blank_values=True)):
        if not CREDENTIAL.search(name):
            query.setdefault(name, []).append(value)
    asked: dict[str, JSON] = {"method": request.method, "url": f"{url.scheme}://{host}{path}"}
    if query:
        asked["query"] = query
    if request.body:
        asked["body"] = body_value(request.body)
    return Call(kind="http", model=f"{request.method} {host}{path}", parameters=asked, known=KNOWN)


def body_value(body: bytes) -> JSON:
    """A body for comparison: decoded JSON, else its text, else the hash of its bytes."""
    if body.lstrip()[:1] in (b"{", b"["):
        try:
            decoded: JSON = json.loads(body)
        except (ValueError, RecursionError):
            pass
        else:
            return decoded
    if (found := BOUNDARY.match(body)) is not None:
        body = body.replace(found[1], b"boundary")
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"sha256:{hashlib.sha256(body).hexdigest()} of {len(body)} bytes"

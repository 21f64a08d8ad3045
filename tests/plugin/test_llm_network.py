"""``--llm-network`` and ``llm_network_allow``: nothing leaves the process during a replay."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.plugin.conftest import Project
from tests.sample import OPENAI, TEST, traced


class Handler(BaseHTTPRequestHandler):
    """Says hello, in three chunks where it is asked for ``/stream``."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # the name that http.server calls
        self.send_response(200)
        if self.path == "/stream":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for word in (b"one ", b"two ", b"three"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(word), word))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("content-length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that http.server gives it
        pass


class Quiet(ThreadingHTTPServer):
    """A client that hangs up before it has read everything is no news."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    """``host:port`` of an HTTP server on this machine."""
    found = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, args=(0.01,))
    thread.start()
    yield f"127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()
    thread.join()


HEAD = """
import asyncio
import socket
import urllib.request

import aiohttp
import httpx
import httpx2
import pytest
import requests
from shop import answer

URL = "http://{server}/"
HOST, PORT = "{server}".split(":")

async def with_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(URL) as response:
        return await response.text()

async def with_async_httpx(library):
    async with library.AsyncClient() as client:
        return (await client.get(URL)).text

def with_socket():
    with socket.create_connection((HOST, int(PORT))) as found:
        found.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        return "hello" if b"200" in found.recv(20) else "?"

async def with_streams():
    reader, writer = await asyncio.open_connection(HOST, int(PORT))
    writer.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
    data = await reader.read(20)
    writer.close()
    return "hello" if b"200" in data else "?"

def get(way):
    return {{
        "httpx": lambda: httpx.get(URL).text,
        "httpx2": lambda: httpx2.get(URL).text,
        "async httpx": lambda: asyncio.run(with_async_httpx(httpx)),
        "async httpx2": lambda: asyncio.run(with_async_httpx(httpx2)),
        "requests": lambda: requests.get(URL, timeout=5).text,
        "urllib": lambda: urllib.request.urlopen(URL).read().decode(),
        "aiohttp": lambda: asyncio.run(with_aiohttp()),
        "socket": with_socket,
        "asyncio streams": lambda: asyncio.run(with_streams()),
    }}[way]()
"""
WAYS = ["httpx", "httpx2", "async httpx", "async httpx2", "requests", "urllib", "aiohttp", "socket", "asyncio streams"]
REPLAY = """
def test_replay(llm_replay):
    llm_replay.run(answer)
    assert get({way!r}) == "hello"
"""
SWALLOWED = """
def test_replay(llm_replay):
    llm_replay.run(answer)
    try:
        get({way!r})
    except BaseException:
        pass
"""


@pytest.mark.parametrize("body", [REPLAY, SWALLOWED], ids=["raised", "swallowed"])
@pytest.mark.parametrize("way", WAYS)
def test_http_that_no_provider_claims_is_refused_even_to_this_machine(
    project: Project, server: str, way: str, body: str
) -> None:
    project.shop(test=HEAD.format(server=server) + body.format(way=way))
    output = project.run("-vv", "-Wignore", status=1)
    assert output.startswith("test_shop.py::test_replay[where-is-my-order-0001] DIVERGED")
    assert output.last == "1 failed in 0.00s"
    assert "was refused" in output.section("short test summary info")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_allowed_by_name_or_address_passes(project: Project, server: str, way: str) -> None:
    port = server.partition(":")[2]
    ini = f"llm_traces = traces.jsonl\nllm_network_allow =\n    localhost:{port}\n"
    project.shop(test=HEAD.format(server=server) + REPLAY.format(way=way), ini=ini)
    assert project.run("-Wignore").last == "1 passed in 0.00s"


@pytest.mark.parametrize("way", WAYS)
def test_allow_opens_the_network(project: Project, server: str, way: str) -> None:
    project.shop(test=HEAD.format(server=server) + REPLAY.format(way=way))
    assert project.run("--llm-network=allow", "-Wignore").last == "1 passed in 0.00s"


def test_model_calls_are_answered_where_the_network_is_open(project: Project) -> None:
    project.shop()
    assert project.run("--llm-network=allow").last == "1 passed in 0.00s"


@pytest.mark.parametrize("pattern", ["*", "127.0.0.1:*", "127.0.0.*", "127.0.0.1"])
def test_patterns(project: Project, server: str, pattern: str) -> None:
    project.shop(
        test=HEAD.format(server=server) + REPLAY.format(way="httpx"),
        ini=f"llm_traces = traces.jsonl\nllm_network_allow = {pattern}\n",
    )
    assert project.run("-Wignore").last == "1 passed in 0.00s"


def test_another_port_is_not_allowed(project: Project, server: str) -> None:
    project.shop(
        test=HEAD.format(server=server) + REPLAY.format(way="httpx"),
        ini="llm_traces = traces.jsonl\nllm_network_allow = 127.0.0.1:1\n",
    )
    project.run("-Wignore", status=1)


def test_a_refusal_names_what_and_how_to_allow_it(project: Project) -> None:
    project.shop(
        test="""
import httpx
from shop import answer

def test_replay(llm_replay):
    llm_replay.run(answer)
    httpx.post("https://search.example.com/v2/query?key=secret", json={})
"""
    )
    output = project.run("-vv", status=1)
    assert (
        output.failures
        == """\
_____________________ test_replay[where-is-my-order-0001] ______________________
trace 0001916cd43d  recorded 2026-05-28 20:26 (genai)  traces.jsonl:1

  1 model      gpt-4o-mini              same
  + network                             REFUSED   <- first
POST https://search.example.com/v2/query was refused: no provider knows this request, and nothing leaves the process \
during a replay
again:  pytest "test_shop.py::test_replay[where-is-my-order-0001]"
"""
    )
    assert "secret" not in output.section("short test summary info")


def test_a_look_up_of_a_name_is_refused(project: Project) -> None:
    project.shop(
        test="""
import socket
from shop import answer

def test_replay(llm_replay):
    llm_replay.run(answer)
    socket.getaddrinfo("search.example.com", 443)
"""
    )
    assert (
        "look-up of search.example.com:443 was refused: the network is blocked during a replay "
        "(allow it with the ini key llm_network_allow)"
    ) in project.run("-vv", status=1).failures


def test_what_stays_in_the_process_passes(project: Project) -> None:
    project.shop(
        test="""
import asyncio
import socket

import httpx
import httpx2
import pytest
from shop import answer

def wsgi(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [answer("Where is my order?").encode()]

async def asgi(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": (await asyncio.to_thread(answer, "Where is my order?")).encode()})

@pytest.mark.parametrize("library", [httpx, httpx2])
def test_wsgi(llm_replay, library):
    with library.Client(transport=library.WSGITransport(wsgi), base_url="http://app") as client:
        assert client.get("/").text == "It is on its way."

@pytest.mark.parametrize("library", [httpx, httpx2])
def test_asgi(llm_replay, library):
    async def main():
        async with library.AsyncClient(transport=library.ASGITransport(asgi), base_url="http://app") as client:
            return (await client.get("/")).text

    assert asyncio.run(main()) == "It is on its way."

@pytest.mark.parametrize("library", [httpx, httpx2])
def test_mock(llm_replay, library):
    transport = library.MockTransport(lambda request: library.Response(200, text=answer("Where is my order?")))
    with library.Client(transport=transport) as client:
        assert client.get("http://app/").text == "It is on its way."

def test_socketpair(llm_replay):
    llm_replay.run(answer)
    one, other = socket.socketpair()
    one.sendall(b"x")
    assert other.recv(1) == b"x"
    one.close()
    other.close()
"""
    )
    assert project.run().last == "7 passed in 0.00s"


PLAIN = """
def test_{name}():
    for way in {ways}:
        assert get(way) == "hello"
    with httpx.stream("GET", URL + "stream") as response:
        assert "".join(response.iter_text()) == "one two three"
    with requests.get(URL + "stream", stream=True, timeout=5) as response:
        assert b"".join(response.iter_content(4)) == b"one two three"

    async def stream():
        async with aiohttp.ClientSession() as session, session.get(URL + "stream") as response:
            return await response.content.read()

    assert asyncio.run(stream()) == b"one two three"
"""


def test_ordinary_tests_before_and_after_a_replay_have_their_network(project: Project, server: str) -> None:
    project.shop(
        traced(),
        traced(number=2),
        test=HEAD.format(server=server)
        + PLAIN.format(name="before", ways=WAYS)
        + "\ndef test_replay(llm_replay):\n    llm_replay.run(answer)\n"
        + PLAIN.format(name="after", ways=WAYS),
    )
    assert project.run("-Wignore").last == "4 passed in 0.00s"


def test_clients_that_live_longer_than_a_replay_have_their_network_after_it(project: Project, server: str) -> None:
    project.shop(
        test=HEAD.format(server=server)
        + """
session = requests.Session()
clients = [httpx.Client(), httpx2.Client()]

def check():
    assert session.get(URL).text == "hello"
    assert [client.get(URL).text for client in clients] == ["hello", "hello"]

def test_before():
    check()

def test_replay(llm_replay):
    llm_replay.run(answer)

def test_after():
    check()
    for each in (session, *clients):
        each.close()
"""
    )
    assert project.run("-Wignore").last == "3 passed in 0.00s"


def test_a_fixture_of_the_session_keeps_its_server_and_its_open_connection(project: Project) -> None:
    project.shop(
        ini="llm_traces = traces.jsonl\nllm_network_allow = 127.0.0.1\n",
        test="""
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from shop import answer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

@pytest.fixture(scope="session")
def url():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()

def test_replay(llm_replay, url):
    assert httpx.get(url).text == "hello"
    llm_replay.run(answer)

def test_plain(url):
    assert httpx.get(url).text == "hello"
""",
    )
    assert project.run("-Wignore").last == "2 passed in 0.00s"


def test_a_model_call_of_an_ordinary_test_is_not_answered(project: Project, server: str) -> None:
    project.shop(
        app=OPENAI.replace("OpenAI()", f'OpenAI(base_url="http://{server}/v1", max_retries=0)', 1),
        test=TEST
        + """
import pytest

def test_plain():
    with pytest.raises(Exception) as caught:
        answer("Where is my order?")
    assert not isinstance(caught.value, pytest.fail.Exception)
""",
    )
    assert project.run("-Wignore").last == "2 passed in 0.00s"


def test_patches_are_gone_when_the_session_has_ended(project: Project) -> None:
    import http.client

    import aiohttp
    import httpx
    import httpx2
    import urllib3

    def seen() -> list[object]:
        return [
            http.client.HTTPConnection,
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
            httpx2.HTTPTransport.handle_request,
            httpx2.AsyncHTTPTransport.handle_async_request,
            aiohttp.ClientSession._request,
            urllib3.connectionpool.HTTPConnectionPool.ConnectionCls,
        ]

    project.shop()
    before = seen()
    project.run()
    assert seen() == before


def test_a_word_that_does_not_exist_is_a_usage_error(project: Project) -> None:
    project.shop()
    told = "ERROR: --llm-network: 'blok' is none of block, allow; did you mean 'block'?\n"
    assert project.run("--llm-network=blok", status=4).told == told


CHANNELS = {
    "grpc": """
def open_one():
    import grpc
    grpc.insecure_channel("aiplatform.googleapis.com:443").close()
""",
    "grpc, async": """
def open_one():
    import grpc.aio

    async def main():
        await grpc.aio.insecure_channel("aiplatform.googleapis.com:443").close()

    asyncio.run(main())
""",
    "OpenAI's realtime API": """
def open_one():
    with openai.OpenAI().realtime.connect(model="gpt-realtime"):
        pass
""",
    "OpenAI's realtime API, async": """
def open_one():
    async def main():
        async with openai.AsyncOpenAI().realtime.connect(model="gpt-realtime"):
            pass

    asyncio.run(main())
""",
    "Gemini Live": """
def open_one():
    from google import genai

    async def main():
        async with genai.Client(api_key="none").aio.live.connect(model="gemini-live-2.5-flash-preview"):
            pass

    asyncio.run(main())
""",
    "aiohttp": """
def open_one():
    import aiohttp

    async def main():
        async with aiohttp.ClientSession() as session, session.ws_connect("wss://api.openai.com/v1/realtime"):
            pass

    asyncio.run(main())
""",
}
CHANNEL_TEST = """
import asyncio

import openai
from shop import answer
{early}

def test_replay(llm_replay):
    llm_replay.run(answer)
    open_one()
"""
EARLY = "import grpc.aio\nimport websockets.asyncio.client\nimport websockets.sync.client"


@pytest.mark.parametrize("early", ["", EARLY], ids=["loaded within the replay", "loaded before"])
@pytest.mark.parametrize("way", CHANNELS)
def test_what_cannot_be_replayed_is_refused_in_a_sentence_that_says_so(project: Project, way: str, early: str) -> None:
    project.shop(test=CHANNEL_TEST.format(early=early) + CHANNELS[way])
    output = project.run("-vv", "-Wignore", status=1, alone=True)
    kind = "gRPC channel" if "grpc" in way else "websocket"
    told = output.section("short test summary info")
    assert told.startswith(f"DIVERGED test_shop.py::test_replay[where-is-my-order-0001] - a {kind} to ")
    assert "was refused: " in told
    assert ("can be neither recorded nor replayed" if "grpc" in way else "cannot be replayed") in told
    assert "llm_network_allow" in told


def test_a_channel_may_be_opened_to_an_address_that_is_allowed(project: Project) -> None:
    ini = "llm_traces = traces.jsonl\nllm_network_allow = aiplatform.googleapis.com\n"
    project.shop(test=CHANNEL_TEST.format(early="") + CHANNELS["grpc"], ini=ini)
    assert project.run("-Wignore", alone=True).last == "1 passed in 0.00s"

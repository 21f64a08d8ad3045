"""What opens gRPC channels and websockets, and where a check is put in front of it."""

from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from pytest_llmreplay.replay.channels import GRPC, OPENERS, WEBSOCKET, WHY, Watch, plain


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("wss://api.openai.com/v1/realtime?model=m&key=secret", "api.openai.com"),
        ("wss://user:pass@localhost:8000/x", "localhost:8000"),
        ("aiplatform.googleapis.com:443", "aiplatform.googleapis.com:443"),
        ("dns:///aiplatform.googleapis.com:443", "aiplatform.googleapis.com:443"),
        (b"localhost:4317", "localhost:4317"),
        (None, "None"),
    ],
)
def test_an_address_is_shown_without_path_and_secrets(address: object, shown: str) -> None:
    assert plain(address) == shown


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", OPENERS)
def test_what_is_installed_has_the_opener_that_the_table_names(name: str) -> None:
    pytest.importorskip(name.partition(".")[0], exc_type=ImportError)
    found: Any = import_module(name)
    for each in OPENERS[name].path.split("."):
        found = getattr(found, each)
    assert callable(found)


@pytest.mark.parametrize(
    ("args", "named"), [(("localhost:1", {"x": 1}), {}), ((), {"target": "localhost:1"}), (("localhost:1",), {"y": 2})]
)
def test_the_check_comes_before_the_opener_and_changes_nothing(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    made: list[Any] = []
    asked: list[tuple[str, str, str]] = []
    module: Any = ModuleType("grpc._channel")

    class Channel:
        def __init__(self, *args: Any, **named: Any) -> None:
            assert asked
            made.append((args, named))

    module.Channel = Channel
    Watch(lambda *words: asked.append(words)).wrap(module)
    module.Channel(*args, **named)
    assert asked == [(GRPC, "localhost:1", WHY[GRPC])]
    assert made == [(args, named)]


def test_a_check_that_raises_keeps_the_opener_from_running() -> None:
    module: Any = ModuleType("websockets.sync.client")
    module.connect = lambda uri: pytest.fail("it was opened")

    def check(kind: str, address: str, why: str) -> None:
        raise ConnectionRefusedError(kind)

    Watch(check).wrap(module)
    with pytest.raises(ConnectionRefusedError, match=WEBSOCKET):
        module.connect("ws://localhost")


def test_a_module_without_its_opener_is_left_alone() -> None:
    module = ModuleType("grpc._channel")
    before = dict(vars(module))
    Watch(lambda *words: None).wrap(module)
    assert vars(module) == before

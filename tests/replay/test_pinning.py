"""Chance and time that are held still, and given back."""

import random
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import SystemRandom
from secrets import choice, randbits
from uuid import uuid1, uuid4

import pytest

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.replay import pinning
from pytest_llmreplay.replay.pinning import parse_pins, pinned
from tests.builders import EPOCH

INSTALLED = ("random", "uuid", "secrets")
"""What can be pinned without a package that is optional."""
DRAWS: dict[str, Callable[[], object]] = {
    "random.random": random.random,
    "random.shuffle": lambda: random.sample(range(100), 5),
    "uuid4": uuid4,
    "uuid1": uuid1,
    "secrets.token_bytes": secrets.token_bytes,
    "secrets.token_hex": lambda: secrets.token_hex(4),
    "secrets.token_urlsafe": secrets.token_urlsafe,
    "secrets.randbelow": lambda: secrets.randbelow(10**9),
    "secrets.choice": lambda: choice(range(10**9)),
    "secrets.randbits": lambda: randbits(64),
    "SystemRandom.random": lambda: SystemRandom().random(),
}


class Stop(Exception):
    """Raised inside a pinned block."""


def stop_if(holds: bool) -> None:
    if holds:
        raise Stop


def drawn(seed: int, draw: Callable[[], object], start_ns: int = EPOCH) -> list[object]:
    with pinned(INSTALLED, seed, start_ns):
        return [draw() for _ in range(3)]


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_an_equal_seed_gives_equal_values_and_another_gives_others(draw: Callable[[], object]) -> None:
    assert drawn(7, draw) == drawn(7, draw)
    assert drawn(7, draw) != drawn(8, draw)
    assert len(set(map(str, drawn(7, draw)))) == 3


@pytest.mark.parametrize("name", ["uuid4", "uuid1", "secrets.token_hex", "secrets.choice"])
def test_chance_is_back_afterwards(name: str) -> None:
    inside = drawn(7, DRAWS[name])
    assert DRAWS[name]() not in inside
    assert DRAWS[name]() != DRAWS[name]()


@pytest.mark.parametrize("seed", [0, -1, 2**40])
def test_any_whole_number_is_a_seed(seed: int) -> None:
    assert drawn(seed, uuid4) == drawn(seed, uuid4)


def test_values_are_the_same_in_every_process_and_version() -> None:
    assert drawn(7, uuid4)[0] == uuid.UUID("b5bc4960-9b06-4c68-93cd-bcc89206d9a0")
    assert drawn(7, lambda: secrets.token_hex(4))[0] == "0e22e49c"


def test_uuids_are_valid() -> None:
    random_ones = drawn(7, uuid4)
    timed = drawn(7, uuid1)
    assert {(each.version, each.variant) for each in random_ones if isinstance(each, uuid.UUID)} == {(4, uuid.RFC_4122)}
    assert {(each.version, each.variant) for each in timed if isinstance(each, uuid.UUID)} == {(1, uuid.RFC_4122)}


def test_a_timed_uuid_tells_the_start_and_keeps_what_it_is_given() -> None:
    with pinned(["uuid"], 7, EPOCH):
        first, second = uuid.uuid1(), uuid.uuid1(0x0123456789AB, clock_seq=5)
    assert (first.time - pinning.GREGORIAN) * 100 == EPOCH
    assert second.time == first.time + 1
    assert (second.node, second.clock_seq) == (0x0123456789AB, 5)


def test_secrets_keep_their_promises() -> None:
    with pinned(["secrets"], 7, EPOCH):
        assert len(secrets.token_bytes(5)) == 5
        assert len(secrets.token_bytes()) == 32
        assert len(secrets.token_hex(5)) == 10
        assert {secrets.randbelow(3) for _ in range(100)} == {0, 1, 2}
        assert {secrets.choice("abc") for _ in range(100)} == set("abc")


def test_pinning_one_source_leaves_the_others_alone() -> None:
    state = random.getstate()
    with pinned(["uuid", "secrets"], 7, EPOCH):
        uuid.uuid4()
        secrets.token_hex()
        assert random.getstate() == state


def codes() -> list[object]:
    """The code of all functions that a pin exchanges."""
    functions = (uuid4, uuid1, SystemRandom.random, SystemRandom.getrandbits, SystemRandom.randbytes)
    return [function.__code__ for function in functions]


def test_state_is_restored_bit_for_bit() -> None:
    state, before = random.getstate(), codes()
    with pinned(INSTALLED, 7, EPOCH):
        assert random.getstate() != state
        assert not set(map(id, codes())) & set(map(id, before))
        random.seed(3)
    assert random.getstate() == state
    assert codes() == before


def test_state_is_restored_after_an_exception() -> None:
    state, before = random.getstate(), codes()
    with pytest.raises(Stop), pinned(INSTALLED, 7, EPOCH):
        raise Stop
    assert (random.getstate(), codes()) == (state, before)


def test_state_is_restored_when_a_pin_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "time_machine", None)
    state, before = random.getstate(), codes()
    words = r"a pinned clock needs the package time-machine: pip install 'pytest-llmreplay\[clock\]'"
    with pytest.raises(MissingExtra, match=words), pinned([*INSTALLED, "clock"], 7, EPOCH):
        pytest.fail("the block was entered")
    assert (random.getstate(), codes()) == (state, before)


def test_an_inner_block_ends_and_the_outer_one_goes_on() -> None:
    number = DRAWS["random.random"]
    expected = [*drawn(7, uuid4), *drawn(7, number)]
    with pinned(INSTALLED, 7, EPOCH):
        found: list[object] = [uuid4()]
        numbers: list[object] = [number()]
        with pinned(INSTALLED, 8, EPOCH):
            assert uuid4() == drawn(8, uuid4)[0]
            number()
        found += [uuid4(), uuid4()]
        numbers += [number(), number()]
    assert [*found, *numbers] == expected


def test_threads_share_one_sequence() -> None:
    with pinned(["uuid"], 7, EPOCH), ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: uuid4(), range(500)))
    with pinned(["uuid"], 7, EPOCH):
        alone = [uuid4() for _ in range(500)]
    assert set(together) == set(alone)
    assert len(set(together)) == 500


def test_what_a_test_put_in_the_place_of_a_function_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed:
        def __call__(self) -> str:
            return "fixed"

    monkeypatch.setattr(uuid, "uuid4", Fixed())
    with pinned(["uuid"], 7, EPOCH):
        assert str(uuid.uuid4()) == "fixed"


def test_nothing_named_pins_nothing() -> None:
    state = random.getstate()
    with pinned([], 7, EPOCH):
        assert random.getstate() == state


class FakeNumpyRandom:
    """The global generator of numpy, as far as it is used."""

    def __init__(self) -> None:
        self.state: dict[str, object] = {"key": "before"}

    def get_state(self, legacy: bool) -> dict[str, object]:
        assert not legacy
        return dict(self.state)

    def set_state(self, state: dict[str, object]) -> None:
        self.state = state

    def seed(self, seed: int) -> None:
        assert 0 <= seed < 2**32
        self.state = {"key": seed}


@pytest.fixture
def numpy_random(monkeypatch: pytest.MonkeyPatch) -> FakeNumpyRandom:
    fake = FakeNumpyRandom()
    monkeypatch.setitem(sys.modules, "numpy", type(sys)("numpy"))
    monkeypatch.setattr(sys.modules["numpy"], "random", fake, raising=False)
    return fake


@pytest.mark.parametrize(("seed", "taken"), [(7, 7), (-1, 2**32 - 1), (2**32 + 5, 5)])
def test_numpy_is_seeded_and_restored(numpy_random: FakeNumpyRandom, seed: int, taken: int) -> None:
    with pytest.raises(Stop), pinned(["numpy"], seed, EPOCH):
        stop_if(numpy_random.state == {"key": taken})
    assert numpy_random.state == {"key": "before"}


def test_numpy_is_not_imported_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    with pinned(["numpy"], 7, EPOCH):
        assert "numpy" not in sys.modules


def test_real_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    before = numpy.random.get_state()
    draws = []
    for _ in range(2):
        with pinned(["numpy"], 7, EPOCH):
            draws.append(numpy.random.rand(3).tolist())
    assert draws[0] == draws[1] == numpy.random.RandomState(7).rand(3).tolist()
    after = numpy.random.get_state()
    assert (before[1] == after[1]).all()
    assert before[2:] == after[2:]


@pytest.fixture
def travels() -> Iterator[None]:
    pytest.importorskip("time_machine")
    before = time.time()
    yield
    assert abs(time.time() - before) < 60


@pytest.mark.usefixtures("travels")
def test_the_clock_starts_anew_and_goes_on() -> None:
    with pinned(["clock"], 7, EPOCH):
        first = time.time_ns()
        assert abs(first - EPOCH) < 1_000
        assert datetime.now(UTC).year == 2026
        time.sleep(0.01)
        assert 5_000_000 < time.time_ns() - first < 60_000_000_000


@pytest.mark.usefixtures("travels")
def test_the_clock_is_right_again_after_an_exception() -> None:
    with pytest.raises(Stop), pinned(["clock"], 7, EPOCH - 10**18):
        stop_if(time.time() < 10**9)


@pytest.mark.usefixtures("travels")
def test_clocks_may_be_nested() -> None:
    with pinned(["clock"], 7, EPOCH), pinned(["clock"], 7, EPOCH - 10**18):
        assert time.time() < 10**9


@pytest.mark.usefixtures("travels")
def test_everything_together() -> None:
    with pinned(["clock", *INSTALLED], 7, EPOCH):
        assert uuid.uuid4() == drawn(7, uuid4)[0]


def test_names_are_taken_once_and_in_order() -> None:
    assert parse_pins(["uuid, random", "uuid", " clock "]) == ("uuid", "random", "clock")
    assert parse_pins([]) == ()


@pytest.mark.parametrize(("word", "near"), [("rnadom", "random"), ("clok", "clock"), ("uuid4", "uuid")])
def test_an_unknown_name_is_an_error_that_names_the_nearest(word: str, near: str) -> None:
    with pytest.raises(UsageProblem, match=f"nothing to pin is named '{word}'; did you mean '{near}'"):
        parse_pins(["random", word])
    with pytest.raises(UsageProblem), pinned([word], 7, EPOCH):
        pytest.fail("the block was entered")

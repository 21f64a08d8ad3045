import pytest

from pytest_llmreplay.snapshots.unused import Ran, unused

ENTRIES = ["test_a", "test_a 2", "test_b[x]", "test_b[x y]", "test_b[x y] named", "test_gone"]


@pytest.mark.parametrize(
    ("ran", "found"),
    [
        (Ran(), []),
        (Ran(whole=True), ENTRIES),
        (Ran(passed=frozenset({"test_a"}), used=frozenset({"test_a"})), ["test_a 2"]),
        (Ran(others=frozenset({"test_a", "test_b[x y]"}), whole=True), ["test_b[x]", "test_gone"]),
        (Ran(passed=frozenset({"test_b[x y]"})), ["test_b[x y]", "test_b[x y] named"]),
    ],
    ids=["nothing ran", "nothing is left", "passed", "failed", "with a blank in its id"],
)
def test_only_what_would_have_been_asked_for_is_unused(ran: Ran, found: list[str]) -> None:
    assert unused(ENTRIES, ran) == found

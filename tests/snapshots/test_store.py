from pathlib import Path

import pytest

from pytest_llmreplay.errors import DamagedFile, SecretsLeft
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.store import REMOVED, change, file_of, load
from pytest_llmreplay.writing import Guard
from tests.redaction.secrets import TOKENS, plain

GUARD = Guard(Redactor(environment={}))


def test_entries_are_added_changed_and_removed_and_the_others_stay(tmp_path: Path) -> None:
    path = file_of(tmp_path / "test_shop.py")
    assert path == tmp_path / "__llm__" / "test_shop.yaml"
    assert change(path, {"b": {"z": 1, "a": [True, None, 0.5, "x\n y\n"]}, "a": "1"}, GUARD)
    assert change(path, {"c": 3}, GUARD)
    assert not change(path, {"c": 3}, GUARD)
    assert change(path, {"a": REMOVED}, GUARD)
    assert load(path).values == {"b": {"z": 1, "a": [True, None, 0.5, "x\n y\n"]}, "c": 3}
    assert change(path, {"b": REMOVED, "c": REMOVED}, GUARD)
    assert not path.exists()
    assert load(path).values == {}


def test_the_file_is_the_same_whatever_the_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one" / "x.yaml", tmp_path / "two" / "x.yaml"
    change(one, {"a": {"x": 1, "y": 2}, "b": 1}, GUARD)
    change(two, {"b": 1}, GUARD)
    change(two, {"a": {"y": 2, "x": 1}}, GUARD)
    assert one.read_bytes() == two.read_bytes()


def test_a_secret_that_was_not_taken_out_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    change(path, {"a": 1}, GUARD)
    before = path.read_bytes()
    with pytest.raises(SecretsLeft, match="groq-key in line 6"):
        change(path, {"b": plain(TOKENS["groq-key"])}, GUARD)
    assert path.read_bytes() == before


def test_a_file_that_was_cut_off_anywhere_is_not_read_as_if_it_were_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    change(path, {f"entry {n}": {"text": f"line\nline {n}\n"} for n in range(5)}, GUARD)
    data = path.read_bytes()
    for length in range(1, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(DamagedFile):
            load(path)

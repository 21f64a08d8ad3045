"""Indexes of many small files, kept in one file for each folder. PYTEST_DONT_REWRITE

Only for formats that cost much to scan: writing a file costs more than scanning a small one of any other.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import msgspec

from pytest_llmreplay.traces.index import FileIndex, no_cyclic_collection

Folder = dict[str, FileIndex]
"""Indexes by name of the file."""


class KeptIndexes:
    """The kept indexes of the folders that were asked for; each is read once and written once."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._folders: dict[str, Folder] = {}
        self._changed: set[str] = set()

    def find(self, path: Path) -> FileIndex | None:
        """The index of a file that has not changed since it was kept."""
        folder, name = os.path.split(path.absolute())
        found = self._folder(folder).get(name)
        if found is None:
            return None
        try:
            info = path.stat()
        except OSError:
            return None
        return found if found.is_of(info) else None

    def add(self, path: Path, index: FileIndex) -> None:
        """Keep a file's index, once ``save`` is called."""
        folder, name = os.path.split(path.absolute())
        self._folder(folder)[name] = index
        self._changed.add(folder)

    def save(self) -> None:
        """Write what is new, without files that are gone; a cache that cannot be written is no error."""
        for folder in self._changed:
            there = {name: index for name, index in self._folders[folder].items() if Path(folder, name).exists()}
            target = self._place(folder)
            part = target.with_name(f"{target.name}.{os.getpid()}.part")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                part.write_bytes(msgspec.msgpack.encode(there))
                part.replace(target)
            except (OSError, UnicodeError):
                with suppress(OSError):
                    part.unlink()
        self._changed.clear()

    def _folder(self, folder: str) -> Folder:
        if folder not in self._folders:
            try:
                data = self._place(folder).read_bytes()
                with no_cyclic_collection():
                    self._folders[folder] = msgspec.msgpack.decode(data, type=Folder)
            except (OSError, msgspec.MsgspecError):
                self._folders[folder] = {}
        return self._folders[folder]

    def _place(self, folder: str) -> Path:
        key = hashlib.sha256(folder.encode("utf-8", "replace")).hexdigest()[:32]
        return self._cache / "folders" / f"{key}.msgpack"

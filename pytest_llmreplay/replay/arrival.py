"""When the first HTTP library comes into the process. PYTEST_DONT_REWRITE

Importing vcrpy loads every HTTP library that it can patch, which costs more than a thousand tests that make no call. So
a test that only looks at its trace waits with the patches until there is something to patch.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

LIBRARIES: Final = (
    "http.client", "httpx", "httpx2", "urllib3", "requests", "aiohttp", "botocore", "httplib2", "tornado"
)  # fmt: skip
"""What vcrpy patches; without any of them in the process there is nothing to patch."""


def loaded() -> bool:
    """Whether an HTTP library is in the process."""
    return any(name in sys.modules for name in LIBRARIES)


class Arrival(MetaPathFinder):
    """Calls back behind the import that brings the first HTTP library.

    Behind the outermost one: within it a library may be half there, and could not be patched.
    """

    def __init__(self) -> None:
        self._then: Callable[[], None] | None = None
        self._within = threading.local()

    def await_library(self, then: Callable[[], None]) -> None:
        """Call ``then`` once, at once where a library is loaded already."""
        if loaded():
            self.forget()
            then()
            return
        self._then = then
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def forget(self) -> None:
        """Wait no longer."""
        self._then = None
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other finders find, with a loader that looks around when it has loaded an outermost module."""
        if getattr(self._within, "import_", False):
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    spec.loader = Outermost(spec.loader, self)
                return spec
        return None

    def run(self, loader: Any, module: ModuleType) -> None:
        """Run an outermost module, then look around."""
        self._within.import_ = True
        try:
            loader.exec_module(module)
        finally:
            self._within.import_ = False
            if self._then is not None and loaded():
                self._tell(module)

    def _tell(self, module: ModuleType) -> None:
        """Call back; what imports the module then finds it in its package, where it would be put a moment later."""
        package, _, name = module.__name__.rpartition(".")
        if package in sys.modules:
            setattr(sys.modules[package], name, module)
        if (then := self._then) is not None:
            self.forget()
            then()


class Outermost(Loader):
    """Loads a module as its own loader does, and leaves no mark on it."""

    def __init__(self, loader: Any, arrival: Arrival) -> None:
        self._loader = loader
        self._arrival = arrival

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module that its own loader makes."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._arrival.run(self._loader, module)


arrival: Final = Arrival()
"""What waits in this process."""

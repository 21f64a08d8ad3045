"""Write the lowest versions that pyproject.toml allows for this package and an extra, as a requirements file.

python .ci/lowest.py tests lowest.txt
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def of_extra(extras: Mapping[str, Sequence[str]], name: str) -> Iterator[str]:
    """The requirements of an extra, and of those of this project that it asks for."""
    for each in extras[name]:
        if own := re.match(r"pytest-llmreplay\[(.*)\]", each):
            for inner in own[1].split(","):
                yield from of_extra(extras, inner)
        else:
            yield each


def lowest(requirement: str) -> str | None:
    """``name==1.2`` for ``name>=1.2``; None where there is no lower bound."""
    found = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*>=\s*([\w.]+)", requirement)
    return f"{found[1]}=={found[2]}" if found else None


def main(extra: str, target: Path) -> None:
    """Write the file."""
    project: Mapping[str, Any] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    requirements = [*project["dependencies"], *of_extra(project["optional-dependencies"], extra)]
    pins = [pin for each in requirements if (pin := lowest(each)) is not None]
    target.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

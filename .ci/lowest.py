"""Write the lowest versions that pyproject.toml allows for development, as a requirements file.

python .ci/lowest.py lowest.txt
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
APART = ("frameworks-openai2",)
"""Extras that do not go together with the others."""


def lowest(requirement: str) -> str | None:
    """``name==1.2`` for ``name>=1.2``; None where there is no lower bound."""
    found = re.match(r"([\w.-]+)(?:\[[^\]]*\])?\s*>=\s*([\w.]+)", requirement)
    return f"{found[1]}=={found[2]}" if found else None


def main(target: Path) -> None:
    """Write the file."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    extras = [extra for name, extra in project["optional-dependencies"].items() if name not in APART]
    requirements = [*project["dependencies"], *(each for extra in extras for each in extra)]
    pins = [pin for each in requirements if (pin := lowest(each)) is not None]
    target.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

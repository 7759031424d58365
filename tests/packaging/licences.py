"""The licences of what runs beside our code: ``python -m tests.packaging.licences`` ends with 1 for one not allowed.

What counts is what each installed package says of itself (core metadata 2.4: License-Expression, else classifiers).
"""

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS: Final = ("mcp", "otel", "parquet")
"""Those that somebody who runs it may install; the others are for work on it."""
ALLOWED: Final = frozenset(
    {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0"}
    | {"PSF-2.0", "Unlicense", "Zlib"}
)
"""They ask that their text goes along; MPL-2.0 also for changes to its own files, of which we make none."""
EXCEPTIONS: Final[dict[str, str]] = {
    "graphviz-pure": "EPL-2.0 and OFL-1.1: Graphviz and its fonts, unchanged, run as a program of its own",
    "python-stdnum": "LGPL-2.1-or-later: imported as it is, and anyone may put another version in its place",
}
"""Packages with another licence, and why they may be used all the same."""
_NAMES: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}


def needed(name: str, extras: Iterable[str] = ()) -> dict[str, Distribution]:
    """All that a package needs to run here, itself left out, by their names."""
    found: dict[str, Distribution] = {}
    todo = list(_requirements(distribution(name), extras))
    while todo:
        requirement = todo.pop()
        key = canonicalize_name(requirement.name)
        if key not in found or requirement.extras:
            found[key] = distribution(requirement.name)
            todo += _requirements(found[key], requirement.extras)
    return dict(sorted(found.items()))


def _requirements(one: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in one.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def licences(one: Distribution) -> set[str]:
    """The licences that a package names, by their SPDX ids. All in an expression have to be allowed, also after OR."""
    if expression := one.metadata["License-Expression"]:
        return set(re.split(r" (?:AND|OR|WITH) |[()]", expression)) - {""}
    classified = [line.rpartition(" :: ")[2] for line in one.metadata.get_all("Classifier", []) if "License ::" in line]
    named = classified or [one.metadata["License"] or "none"]
    return {_NAMES.get(name, name) for name in named}


def refused(packages: dict[str, Distribution]) -> dict[str, set[str]]:
    """The packages that may not be used, with their licences."""
    named = {name: licences(one) for name, one in packages.items() if name not in EXCEPTIONS}
    return {name: of for name, of in named.items() if not of <= ALLOWED}


def main() -> None:
    """Check what is installed."""
    packages = needed("dealgraph", EXTRAS)
    wrong = refused(packages)
    for name, of in wrong.items():
        print(f"{name} has a licence that is not allowed: {', '.join(sorted(of))}")  # noqa: T201 - a command
    print(f"{len(packages)} packages run beside ours, {len(wrong)} with a licence that is not allowed")  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()

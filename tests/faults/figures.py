"""The figures of a run, which docs/reliability.md holds: each test tells its own."""

import json
import os
from pathlib import Path

FULL = int(os.environ.get("DEALGRAPH_TEST_SCALE", "1")) >= 10
"""Whether a test runs in the size whose figures the document holds."""


def tell(promise: str, url: str, **figures: object) -> None:
    """Say what was tried and what came of it; also in the file that DEALGRAPH_TEST_FIGURES names."""
    line = json.dumps({"promise": promise, "store": url.partition(":")[0], **figures})
    print(line)  # noqa: T201 - pytest shows it with -s, and where the test fails
    if named := os.environ.get("DEALGRAPH_TEST_FIGURES"):
        with Path(named).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

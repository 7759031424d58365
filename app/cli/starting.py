"""How a process of ours starts."""

import gc


def start_quickly() -> None:
    """Look for garbage seldom while modules are imported.

    They stay for good, and looking through them every 700 new objects took a fifth of a start.
    """
    gc.set_threshold(50_000, 10, 10)

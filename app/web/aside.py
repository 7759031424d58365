"""Answers that take long in a large store: worked out aside, so that nobody waits for them, and kept for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final, NamedTuple

import structlog

PATIENCE: Final = 0.25
"""Seconds that a page waits for an answer; one that takes longer is shown as soon as it is there."""
_REST: Final = 20
"""An answer that took long is worked out again after that many times as long: a twentieth of the time at most."""

log = structlog.get_logger()
Ask = Callable[[], Awaitable[Any]]


class Told(NamedTuple):
    """An answer, None while there is none yet; ``since`` says of when it is where the store has changed since then."""

    answer: Any
    since: str | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Last:
    answer: Any
    state: Hashable
    at: datetime
    due: float


class Aside:
    """The last answers to some questions, each by a name of its own."""

    def __init__(self) -> None:
        self._last: dict[str, _Last] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, state: Hashable, question: Ask) -> Told:
        """The answer in a state of the store, if it comes soon; otherwise the last one, or that there is none yet.

        Raises what the question raises, if that comes soon.
        """
        last = self._last.get(name)
        if last is None or ((last.state != state or last.answer is None) and monotonic() >= last.due):
            if name not in self._running:
                self._running[name] = asyncio.create_task(self._work(name, state, question))
            running = self._running[name]
            done, _ = await asyncio.wait({running}, timeout=PATIENCE)
            if done:
                running.result()
            last = self._last.get(name)
        if last is None:
            return Told(None)
        since = None if last.state == state else f"{last.at:%Y-%m-%d %H:%M} UTC"
        return Told(last.answer, since, failed=last.answer is None)

    async def _work(self, name: str, state: Hashable, question: Ask) -> None:
        at, began, answer = datetime.now(UTC), monotonic(), None
        try:
            answer = await question()
        except Exception as error:
            # Somebody waits for what fails soon, and is told. What fails later is not tried again and again.
            if monotonic() - began < PATIENCE:
                raise
            log.warning("not worked out", question=name, reason=str(error))
        finally:
            del self._running[name]
        took = monotonic() - began
        self._last[name] = _Last(answer, state, at, began + took * (1 if took < PATIENCE else 1 + _REST))

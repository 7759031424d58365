"""Those who wait to write, in line: whoever waits together is served together, in one transaction.

Most of what a write costs is the same for one and for twenty: the statements of its transaction, and the commit. It is
what databases call group commit. Each still is a revision of its own, and is taken or refused on its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from app.ledger.idempotency import Attempt, Reply, hold, keep, kept
from app.ledger.rows import Target
from app.ledger.storing import Clash
from app.ledger.transaction import Author, Refused, Transaction, turn
from app.ledger.unit import Unit, unit
from app.shared.database import Database
from app.shared.errors import Moved, Problem, Unavailable, Unprocessable
from app.shared.observing.statements import Asker, asker, asking_for
from app.shared.turns import PATIENCE
from app.shared.unavailable import is_unavailable

Work: TypeAlias = Callable[[Transaction], Awaitable[Reply]]
"""What a request does to the store, and what it is answered with."""
Outcome: TypeAlias = Reply | Exception

_TOGETHER: Final = 32


@dataclass(frozen=True, slots=True)
class Touching:
    """The records that a work puts, and those that they refer to, as far as that is known before: to read them at once.

    Only a work that changes nothing else, and no edges but those of its own records, has one.
    """

    puts: tuple[Target, ...]
    refers_to: tuple[Target, ...] = ()


@dataclass(eq=False, slots=True)
class Task:
    """A request that waits: it is done alone where nobody can say what it touches."""

    attempt: Attempt | None
    author: Author
    work: Work
    touching: Touching | None
    replayed: bool = False
    asker: Asker | None = field(default_factory=asker)
    outcome: asyncio.Future[Reply] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def answer(self, outcome: Outcome) -> None:
        """Tell whoever waits, if anybody still does."""
        if self.outcome.done():
            return
        if isinstance(outcome, Reply):
            self.outcome.set_result(outcome)
        else:
            self.outcome.set_exception(outcome)


class Line:
    """The line of one process; the writers of others take turns with it at the store's row."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._waiting: deque[Task] = deque()
        self._serving: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return len(self._waiting)

    async def reply(self, task: Task) -> Reply:
        """Wait for the turn of a task; return its reply once that is committed, or raise what it was refused with.

        Raises Unavailable where its turn does not come in time; nothing is done then.
        """
        self._waiting.append(task)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        try:
            await asyncio.wait([task.outcome], timeout=PATIENCE)
            if task in self._waiting:
                raise Unavailable("others are writing: nothing was done, ask again in a moment")
            return await task.outcome
        finally:
            if task in self._waiting:
                self._waiting.remove(task)

    async def _serve(self) -> None:
        while self._waiting:
            await self._do(self._next())

    def _next(self) -> Sequence[Task]:
        """The first in line, and those behind it that can be served with it."""
        together, put = [self._waiting.popleft()], set[Target]()
        while (about := together[-1].touching) and self._waiting and len(together) < _TOGETHER:
            put |= set(about.puts)
            following = self._waiting[0].touching
            if following is None or put & set(following.puts):
                break
            together.append(self._waiting.popleft())
        return together

    async def _do(self, together: Sequence[Task]) -> None:
        try:
            with asking_for([task.asker for task in together]):
                async with self.database.writing() as connection:
                    outcomes = await _answers(connection, together)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are told
            if len(together) == 1 or is_unavailable(error):
                outcomes = [_told(error)] * len(together)
            else:
                # One of them does not go with what is there, or with the others: nobody else shall be refused for it.
                for task in together:
                    await self._do([task])
                return
        for task, outcome in zip(together, outcomes, strict=True):
            task.answer(outcome)


async def _answers(connection: AsyncConnection, together: Sequence[Task]) -> list[Outcome]:
    """Do what nobody has done before, in one transaction which whoever began it commits."""
    attempts = [task.attempt for task in together if task.attempt]
    # Only who holds a key may look for its reply: whoever held it before has committed by then.
    held = await hold(connection, attempts)
    answers: dict[Attempt, Outcome] = {**held, **await kept(connection, attempts)}
    found = {task: answers[task.attempt] for task in together if task.attempt in answers}
    for task, answer in found.items():
        task.replayed = isinstance(answer, Reply)
    if todo := [task for task in together if task not in found]:
        async with unit(connection, at_once=todo[0].touching is None) as one:
            await _look(one, todo)
            for task in todo:
                found[task] = await _turn(one, task)
        done = [(task.attempt, answer) for task in todo if task.attempt and isinstance(answer := found[task], Reply)]
        await keep(connection, done)
    return [found[task] for task in together]


async def _look(one: Unit, tasks: Sequence[Task]) -> None:
    about = [task.touching for task in tasks if task.touching]
    await one.seen.look(one.connection, (target for each in about for target in each.puts))
    await one.seen.find(one.connection, (target for each in about for target in each.refers_to))


async def _turn(one: Unit, task: Task) -> Outcome:
    """Do one task. What it is refused with takes back nothing of the others; of one that is alone, all of it."""
    try:
        async with turn(one, task.author) as write:
            return await task.work(write)
    except (Refused, Problem, Moved) as refusal:
        if one.at_once:
            raise
        return _told(refusal)


def _told(error: Exception) -> Exception:
    """What a caller is told of an error."""
    if isinstance(error, (Refused, Clash)):
        return Unprocessable("the record cannot be taken", *(flaw for _, flaw in error.flaws))
    return error

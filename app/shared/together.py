"""One read for all who ask the same at once: for those who were waiting when it began, and nobody who came later."""

from asyncio import Future, Task, create_task, get_running_loop
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from app.shared.observing.statements import Asker, asker, asking_for

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Asks what many ask once for all of them.

    What is asked while the same is being read waits for the next read. So whoever asks is told of everything that was
    committed before, and a read counts for each who waited for it.
    """

    def __init__(self, ask: Callable[[Question], Awaitable[Answer]]) -> None:
        self._ask = ask
        self._waiting: dict[Question, list[tuple[Future[Answer], Asker | None]]] = {}
        self._reading = set[Task[None]]()

    async def answer(self, question: Question) -> Answer:
        """The answer to a question; raises what asking raises."""
        told: Future[Answer] = get_running_loop().create_future()
        if question in self._waiting:
            self._waiting[question].append((told, asker()))
        else:
            self._waiting[question] = [(told, asker())]
            reading = create_task(self._read(question))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)
        return await told

    async def _read(self, question: Question) -> None:
        try:
            while asked := self._waiting[question]:
                self._waiting[question] = []
                with asking_for([one for _, one in asked]):
                    answer = await _outcome(self._ask(question))
                for told, _ in asked:
                    settle(told, answer)
        finally:
            del self._waiting[question]


async def _outcome(asking: Awaitable[Answer]) -> Answer | Exception:
    try:
        return await asking
    except Exception as error:  # noqa: BLE001 - those who asked are told
        return error


def settle(told: Future[Answer], answer: Answer | Exception) -> None:
    """Tell whoever waits, if anybody still does: who went away has cancelled theirs."""
    if told.done():
        return
    if isinstance(answer, Exception):
        told.set_exception(answer)
    else:
        told.set_result(answer)

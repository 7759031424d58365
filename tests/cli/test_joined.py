"""What is written at one go is sent as one, all of it, in its order, and before the end."""

from asyncio import get_running_loop, sleep
from typing import Any, cast

from app.cli.joined import Joined


class Transport:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def get_write_buffer_size(self) -> int:
        return 5

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")

    def is_closing(self) -> bool:
        return "closed" in self.done


def joined() -> tuple[Joined, Transport]:
    """A transport of ours before one that notes."""
    inner = Transport()
    return Joined(cast("Any", inner), get_running_loop()), inner


async def test_what_is_written_at_one_go_is_sent_as_one() -> None:
    ours, inner = joined()
    for _ in range(2):
        ours.write(b"header, ")
        ours.write(b"content")
        assert ours.get_write_buffer_size() == 15 + 5
        await sleep(0)
        assert ours.get_write_buffer_size() == 5
    assert inner.done == [b"header, content"] * 2


async def test_what_waits_is_sent_before_the_end_but_not_where_all_is_given_up() -> None:
    ours, inner = joined()
    ours.write(b"last")
    ours.close()
    await sleep(0)
    assert (inner.done, ours.is_closing()) == ([b"last", "closed"], True)
    ours, inner = joined()
    ours.write(b"last")
    ours.abort()
    await sleep(0)
    assert inner.done == ["aborted"]


async def test_much_is_sent_at_once_so_that_a_slow_client_shows() -> None:
    ours, inner = joined()
    for _ in range(3):
        ours.write(b"x" * 40_000)
    assert list(map(len, inner.done)) == [80_000]
    await sleep(0)
    assert list(map(len, inner.done)) == [80_000, 40_000]

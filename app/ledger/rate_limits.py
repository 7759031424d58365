"""How often a client may ask: a moving window for each, kept in the memory of this process (docs/keys.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from math import ceil
from time import time
from typing import Final

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import Scope

from app.shared.errors import TooManyRequests
from app.shared.settings import Settings

_MANY_CLIENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class _Policy:
    name: str
    rate: RateLimitItem


class RateLimits:
    """The limits of an app. A write counts as a request and as a write."""

    def __init__(self, requests: str | None, writes: str | None) -> None:
        stated = (("requests", requests), ("writes", writes))
        self._all = [_Policy(name, parse(rate)) for name, rate in stated if rate]
        self._of_reads = [policy for policy in self._all if policy.name == "requests"]
        self._storage = MemoryStorage()
        self._windows = MovingWindowRateLimiter(self._storage)
        self._crowd = _MANY_CLIENTS

    def take(self, client: str, *, writing: bool) -> dict[str, str]:
        """Count a request of a client, and return the headers that tell it what it has left.

        Raises TooManyRequests where it has nothing left.
        """
        self._forget()
        policies = self._all if writing else self._of_reads
        # A write that is refused has been a request all the same.
        passed = [self._windows.hit(policy.rate, policy.name, client) for policy in policies]
        if not all(passed):
            raise self._refusal(client, policies)
        return self._told(client, policies)

    def check(self, client: str) -> None:
        """Raise TooManyRequests where a client has nothing left, and count nothing."""
        if not all(self._windows.test(policy.rate, policy.name, client) for policy in self._all):
            raise self._refusal(client, self._all)

    def _refusal(self, client: str, policies: Sequence[_Policy]) -> TooManyRequests:
        left = [(policy, *self._left(client, policy)) for policy in policies]
        wait = max((seconds for _, remaining, seconds in left if remaining < 1), default=1)
        refusal = TooManyRequests(f"too many requests: ask again in {wait} s")
        refusal.headers = self._told(client, policies) | {"Retry-After": str(wait)}
        return refusal

    def _told(self, client: str, policies: Sequence[_Policy]) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers: structured lists (RFC 9651), an item for each policy."""
        if not policies:
            return {}
        left = [(policy.name, *self._left(client, policy)) for policy in policies]
        return {
            "RateLimit-Policy": ", ".join(f'"{p.name}";q={p.rate.amount};w={p.rate.get_expiry()}' for p in policies),
            "RateLimit": ", ".join(f'"{name}";r={remaining};t={seconds}' for name, remaining, seconds in left),
        }

    def _left(self, client: str, policy: _Policy) -> tuple[int, int]:
        """How many requests a client has left, and in how many seconds it gets the next one back."""
        stats = self._windows.get_window_stats(policy.rate, policy.name, client)
        return max(stats.remaining, 0), max(ceil(stats.reset_time - time()), 1)

    def _forget(self) -> None:
        # The library empties the window of a client who left, but keeps its name.
        if len(self._storage.events) > self._crowd:
            for key in [key for key, window in self._storage.events.items() if not window]:
                self._storage.clear(key)
            self._crowd = max(_MANY_CLIENTS, 2 * len(self._storage.events))


def limits_of(settings: Settings) -> RateLimits | None:
    """The limits that an operator set; ``None`` where there is none."""
    if settings.rate_limit is None and settings.rate_limit_writes is None:
        return None
    return RateLimits(settings.rate_limit, settings.rate_limit_writes)


def client_of(scope: Scope) -> str:
    """Whom a request with no key is counted for: its address, of IPv6 the 64 bits that are of its network.

    The other half a client chooses for itself.
    """
    address: str = scope["client"][0] if scope["client"] else "unknown"
    if ":" not in address:
        return address
    try:
        whole = IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(whole.ipv4_mapped or IPv6Network((whole, 64), strict=False))


def headers_of(told: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """What a client is told of its limit, as headers of a reply (ASGI)."""
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]

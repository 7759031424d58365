"""Figures for Prometheus (docs/operations.md): of requests as they are answered, of the rest when they are asked for.

Where several processes answer they keep their figures in files of one folder, which `dealgraph serve` makes; whichever
is asked then tells the sum of all. Each brings its gauges up to date there every second.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from anyio import to_thread
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app.shared.alongside import alongside

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder; prometheus-client reads it when it is imported."""
_INTERVAL: Final = 1.0
_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
"""A read that was kept takes less than the first, what is refused for its time about 2 and 10 s."""
_BY: Final = ("method", "route", "status")


class Figure(NamedTuple):
    """A figure of the whole store, told when somebody asks: its name, what it says, and its value by its labels."""

    name: str
    said: str
    value: float
    labels: Mapping[str, str] = {}


class Metrics:
    """The figures of one app, in a registry of their own; ``in_flight`` is how many requests are being answered."""

    def __init__(self) -> None:
        # When each was first counted: as many lines again, which nothing asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.in_flight = 0
        self._registry = CollectorRegistry()
        self._several = os.environ.get(FOLDER)
        self._seconds = Histogram(
            "dealgraph_request_duration_seconds",
            "From the first byte of a request to the last of its reply.",
            _BY,
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._queries = Counter(
            "dealgraph_queries", "Statements that requests asked of the store.", _BY, registry=self._registry
        )
        # Looking a child up by its labels costs 2 µs, adding to it 1.
        self._of: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}
        self._families: dict[str, Gauge] = {}
        self._gauges: list[tuple[Gauge, Callable[[], float]]] = []
        self.gauge("dealgraph_requests_in_flight", "Requests that are being answered.", lambda: self.in_flight)
        if not self._several:
            ProcessCollector(registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float, queries: int) -> None:
        """Count a request that was answered."""
        of = self._of.get((method, route, status))
        if of is None:
            labels = (method, route, str(status))
            of = self._of[method, route, status] = self._seconds.labels(*labels), self._queries.labels(*labels)
        of[0].observe(seconds)
        if queries:
            of[1].inc(queries)

    def gauge(self, name: str, said: str, read: Callable[[], float], **labels: str) -> None:
        """Tell a figure of this process, read when somebody asks; the sum where several processes answer."""
        family = self._families.get(name)
        if family is None:
            family = Gauge(name, said, list(labels), registry=self._registry, multiprocess_mode="livesum")
            self._families[name] = family
        self._gauges.append((family.labels(**labels) if labels else family, read))

    async def page(self, figures: Iterable[Figure]) -> bytes:
        """All that is known, and some figures of the whole store, in Prometheus' text format 0.0.4."""
        self._refresh()
        return await to_thread.run_sync(self._written, list(figures))

    @asynccontextmanager
    async def kept_up_to_date(self) -> AsyncIterator[None]:
        """Bring this process's gauges up to date while the block runs, for whichever process is asked."""
        if not self._several:
            yield
            return
        async with alongside(self._tick()):
            yield

    async def _tick(self) -> None:
        while True:
            self._refresh()
            await asyncio.sleep(_INTERVAL)

    def _refresh(self) -> None:
        for gauge, read in self._gauges:
            gauge.set(read())

    def _written(self, figures: Sequence[Figure]) -> bytes:
        page = CollectorRegistry()
        if self._several:
            _forget_the_dead(Path(self._several))
            MultiProcessCollector(page, self._several)  # type: ignore[no-untyped-call]
        else:
            page.register(self._registry)
        page.register(_Told(figures))
        return generate_latest(page)


class _Told(Collector):
    """Figures as prometheus-client takes them."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A family for each figure."""
        for name, said, value, labels in self._figures:
            family = GaugeMetricFamily(name, said, labels=list(labels))
            family.add_metric(list(labels.values()), value)
            yield family


def _forget_the_dead(folder: Path) -> None:
    """Take away the gauges of processes that are no more: what they counted stays, what they held is free again."""
    for file in folder.glob("gauge_live*_*.db"):
        if not _is_alive(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

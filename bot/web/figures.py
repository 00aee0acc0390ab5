"""The figures of `/metrics`, in Prometheus' text format. Counts and ages only."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot import __version__
from bot.reporting.delivery import Standing
from bot.reporting.health import Health

TYPE = CONTENT_TYPE_LATEST


def render(found: Health, calls: Standing, backup_age: timedelta | None) -> bytes:
    """Write what health found, how delivery stands, the newest backup's age, what the process uses."""
    registry = CollectorRegistry()
    registry.register(_Figures(found, calls, backup_age))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, found: Health, calls: Standing, backup_age: timedelta | None) -> None:
        self._found, self._calls = found, calls
        self._backup_age = backup_age

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give each figure once."""
        found = self._found
        yield _one("up", "1 while the daemon's heartbeat is fresh", found.alive)
        yield _one("halted", "1 while everything is stopped", found.halt is not None)
        yield _one("database_bytes", "Size of the database with its log", found.database_bytes)
        yield _one("wal_bytes", "Size of the write-ahead log", found.wal_bytes)
        yield _one("disk_free_bytes", "Free on the disk of the database", found.free_bytes)
        yield _one("recalls_waiting", "Shares that volunteers are asked to undo", found.recalls)
        if self._backup_age is not None:
            yield _one("backup_age_seconds", "Age of the newest backup", self._backup_age.total_seconds())
        info = GaugeMetricFamily(
            "languette_info", "Version and level of the database", labels=["version", "level"]
        )
        info.add_metric([__version__, found.level], 1)
        yield info
        for word in ("notice", "volunteer", "boost"):
            family = GaugeMetricFamily(f"languette_{word}s", f"By state: {word}s", labels=["state"])
            for key, count in found.counts.items():
                kind, _, state = key.partition(".")
                if kind == word and state:
                    family.add_metric([state], count)
            yield family
        yield from self._ticks()
        yield from self._delivery()

    def _ticks(self) -> Iterator[GaugeMetricFamily]:
        age = GaugeMetricFamily("languette_tick_age_seconds", "Since the last run", labels=["tick"])
        took = GaugeMetricFamily("languette_tick_took_seconds", "Length of the last run", labels=["tick"])
        failed = GaugeMetricFamily("languette_tick_failed", "1 when the last run failed", labels=["tick"])
        for pulse in self._found.pulses:
            age.add_metric([pulse.name], pulse.age.total_seconds())
            took.add_metric([pulse.name], pulse.took_ms / 1000)
            failed.add_metric([pulse.name], bool(pulse.error))
        yield from (age, took, failed)

    def _delivery(self) -> Iterator[GaugeMetricFamily]:
        figures = self._calls.figures
        yield _one("calls_running", "Accounts for which a call is on its way", figures["held"])
        yield _one("calls_late", "Accounts with a call that is due", figures["late"])
        yield _one("calls_lag_seconds", "How long the first of them has been due", figures["lag_s"])
        resting = GaugeMetricFamily(
            "languette_calls_resting", "Accounts and scopes that wait", labels=["network", "why"]
        )
        counts: Counter[tuple[str, str]] = Counter()
        for one in self._calls.waiting:
            counts[one.network, one.why] += one.count
        for labels, count in counts.items():
            resting.add_metric(labels, count)
        yield resting


def _one(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"languette_{name}", about, value=value)

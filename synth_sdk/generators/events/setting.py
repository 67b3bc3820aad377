"""From a wish to what makes it: the timeline, and the crowd on it."""

from datetime import datetime

from synth_sdk.core.errors import RequestError
from synth_sdk.engine.arrivals.delivery import Duplicates, Late, Places
from synth_sdk.engine.arrivals.gaps import SECOND, TICKS, Gaps, Poisson, Regular, gap_of
from synth_sdk.engine.arrivals.process import Arrivals
from synth_sdk.engine.arrivals.shapes import Bursts, Shape, Week
from synth_sdk.engine.arrivals.timeline import Timeline
from synth_sdk.engine.columns.lanes import label
from synth_sdk.generators.events.options import Wish
from synth_sdk.generators.events.players import Crowd
from synth_sdk.generators.events.scenario import Scenario

_USERS_PER_SESSION = 10  # active users for each session that is under way
_MOST_LANES = 1 << 31
_REPEATED_WITHIN = 2.0  # seconds, nearly, after which an event is sent again
_LAST_YEAR = 9990


def timeline_of(wish: Wish, seed: int, start: datetime) -> Timeline:
    """When events happen and arrive."""
    gap = gap_of(wish.rate)
    gaps: Gaps = Regular(gap) if "regular" in wish.arrivals else Poisson(gap, seed)
    shapes: list[Shape] = []
    if "bursty" in wish.arrivals:
        length = wish.burst_length * TICKS
        shapes.append(Bursts(length, wish.burst_share, wish.burst_factor, label(seed, "arrivals", "bursts")))
    if "diurnal" in wish.arrivals:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        phase = round((start.weekday() * 86_400 + (start - midnight).total_seconds()) * SECOND)
        shapes.append(Week.of(wish.hours, [1.0] * 5 + [wish.weekend] * 2, phase))
    return Timeline(Arrivals(gaps, tuple(shapes)), label(seed, "arrivals", "latency"), _duplicates(wish, seed), _late(wish, seed))


def _duplicates(wish: Wish, seed: int) -> Duplicates | None:
    if not wish.duplicates:
        return None
    reach = min(4096, max(8, round(_REPEATED_WITHIN * wish.rate)))
    return Duplicates(Places.of(wish.duplicates, label(seed, "arrivals", "duplicates")), reach)


def _late(wish: Wish, seed: int) -> Late | None:
    if not wish.late:
        return None
    positions = wish.late_by / 1_000_000 * wish.rate * (1 - wish.duplicates)
    return Late(Places.of(wish.late, label(seed, "arrivals", "late")), positions)


def crowd_of(wish: Wish, scenario: Scenario, chapter: int) -> Crowd:
    """How many sessions there are at once, and how many users. `chapter`: its events."""
    if wish.users and wish.sessions and wish.sessions > wish.users:
        raise RequestError(f"sessions={wish.sessions} and users={wish.users} clash: nobody has two sessions at once; raise users")
    usual = max(1, min(_MOST_LANES, round(wish.rate * scenario.gap / 1_000_000)))
    lanes = wish.sessions or min(usual, wish.users or usual)
    window = max(1, round((wish.users or _USERS_PER_SESSION * lanes) / lanes))
    seconds = chapter * lanes / wish.rate  # of a chapter of a lane
    stay = min(1 << 31, max(1, round(scenario.lifetime / 1_000_000 / (window * seconds))))
    return Crowd(lanes, window, stay, wish.whole)


def check_end(wish: Wish, start: datetime, count: int) -> None:
    """RequestError if so many events would run past what timestamps can say."""
    years = start.year + 1.5 * count / wish.rate / (365 * 86_400)
    if years > _LAST_YEAR:
        raise RequestError(
            f"{count:,} events at {wish.rate:g}/sec end after the year {_LAST_YEAR}: raise the rate, or ask for fewer"
        )

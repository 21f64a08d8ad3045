"""Intervals and paired tests over small numbers of cases, exact where that is cheap. PYTEST_DONT_REWRITE"""

import math
import random
from collections.abc import Callable, Sequence

Interval = tuple[float, float]
Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""
RESAMPLES = 2000


def wilson(successes: int, total: int) -> Interval:
    """The 95 % score interval of a rate, both ends between 0 and 1.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927). Raises ValueError for a
    total below 1.
    """
    if total < 1 or not 0 <= successes <= total:
        raise ValueError(f"{successes} of {total} is no rate")
    rate, square = successes / total, Z95 * Z95
    middle = rate + square / (2 * total)
    reach = Z95 * math.sqrt(rate * (1 - rate) / total + square / (4 * total * total))
    scale = 1 + square / total
    low = 0.0 if successes == 0 else max(0.0, (middle - reach) / scale)
    return low, 1.0 if successes == total else min(1.0, (middle + reach) / scale)


def mcnemar(newly_failing: int, newly_passing: int) -> float:
    """The two-sided exact p-value for cases that changed sides between two runs.

    Q. McNemar (1947), in the exact binomial form. 1 where none changed.
    """
    return binomial(min(newly_failing, newly_passing), newly_failing + newly_passing)


def sign(differences: Sequence[float]) -> float:
    """The two-sided exact p-value of the sign test over paired differences; ties are left out (Conover, 1999)."""
    up, down = sum(each > 0 for each in differences), sum(each < 0 for each in differences)
    return binomial(min(up, down), up + down)


def binomial(least: int, total: int) -> float:
    """The two-sided p-value of a fair coin that showed its rarer side ``least`` times in ``total``."""
    if total == 0:
        return 1.0
    tail = sum(math.comb(total, k) for k in range(least + 1))
    return min(1.0, float(2 * tail / 2**total))


def bootstrap(
    groups: Sequence[Sequence[float]], statistic: Callable[[Sequence[float]], float], seed: int = 0
) -> Interval:
    """The 95 % percentile interval of a statistic, by resampling whole groups (Efron, 1979).

    A group holds the values of one trace, for the runs of one trace are not independent. Equal seeds give equal
    intervals. Raises ValueError where there is no group.
    """
    if not groups:
        raise ValueError("no group to resample")
    chance = random.Random(seed)  # noqa: S311  # resampling, not secrets
    found = sorted(
        statistic([value for group in chance.choices(groups, k=len(groups)) for value in group])
        for _ in range(RESAMPLES)
    )
    return percentile(found, 2.5), percentile(found, 97.5)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean. Raises ValueError for no values."""
    if not values:
        raise ValueError("no value")
    return math.fsum(values) / len(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """A percentile by linear interpolation, as numpy and Excel do it. Raises ValueError for no values."""
    if not values:
        raise ValueError("no value")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below, above = math.floor(place), math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)

"""How a setting varies: a list of values, a range, or a distribution between two limits.

Each kind has a quantile function, which converts a number from 0 to 1 into a value, so that every design can be drawn
in the unit cube.
"""

import math
from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Discriminator, Field, RootModel, Tag

from cpsim.arrays import Floats
from cpsim.scenario.file_format import find_repeats
from cpsim.scenario.sections import SettingsSection

Scalar = bool | int | float | str

MAX_VALUES = 1_000
_MIN_MASS = 1e-9


class Values(RootModel[Annotated[tuple[Scalar, ...], Field(strict=False)]]):
    """A list of equally likely values.

    >>> Values([0.2, 0.4, 0.6]).convert_quantiles(np.array([0.1, 0.5, 0.9]), whole=False)
    [0.2, 0.4, 0.6]
    """

    model_config = ConfigDict(strict=True, frozen=True)

    root: Annotated[tuple[Scalar, ...], Field(strict=False, min_length=1, max_length=MAX_VALUES)]

    def find_problem(self) -> tuple[tuple[str | int, ...], str] | None:
        """Find what is wrong: the path below this setting and the message; None if it is valid."""
        for place, message in find_repeats(self.root):
            return (place,), message
        return None

    def convert_quantiles(self, quantiles: Floats, *, whole: bool) -> list[Scalar]:
        """Convert quantiles, shape (points,), to values; `whole` has no effect on a list."""
        del whole
        places = np.minimum((quantiles * len(self.root)).astype(np.int64), len(self.root) - 1)
        return [self.root[place] for place in places]


class _Continuous(SettingsSection, ABC):
    """A continuous distribution between two limits."""

    @abstractmethod
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""

    @abstractmethod
    def find_problem(self) -> tuple[tuple[str | int, ...], str] | None:
        """Find what is wrong: the path below this setting and the message; None if it is valid."""

    @abstractmethod
    def quantile(self, quantiles: Floats) -> Floats:
        """Values of the quantile function at these quantiles, shape (points,)."""

    def convert_quantiles(self, quantiles: Floats, *, whole: bool) -> list[Scalar]:
        """Convert quantiles, shape (points,), to values, rounded to integers if `whole`."""
        values = np.clip(self.quantile(quantiles), *self.limits())
        return [int(value) for value in np.rint(values)] if whole else values.tolist()


class Range(_Continuous):
    """A uniform distribution on a linear or logarithmic scale.

    >>> variation = Range(**{"from": 0.01, "to": 1.0, "scale": "log"})
    >>> values = variation.convert_quantiles(np.array([0.0, 0.5, 1.0]), whole=False)
    >>> [round(value, 6) for value in values]
    [0.01, 0.1, 1.0]
    """

    low: float = Field(alias="from", description="the smallest value")
    high: float = Field(alias="to", description="the largest value")
    scale: Literal["linear", "log"] = Field(
        default="linear", description="log: uniform in the logarithm of the value"
    )

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    def find_problem(self) -> tuple[tuple[str | int, ...], str] | None:
        """Find what is wrong: the path below this setting and the message; None if it is valid."""
        if self.low >= self.high:
            return ("to",), f"{self.high:g} is not above from, which is {self.low:g}"
        if self.scale == "log" and self.low <= 0:
            return ("from",), f"a logarithmic scale must start above 0, not at {self.low:g}"
        return None

    def quantile(self, quantiles: Floats) -> Floats:
        """Values of the quantile function at these quantiles, shape (points,)."""
        if self.scale == "log":
            return np.exp(math.log(self.low) + quantiles * math.log(self.high / self.low))
        return self.low + quantiles * (self.high - self.low)

    def convert_quantiles(self, quantiles: Floats, *, whole: bool) -> list[Scalar]:
        """Convert quantiles to values; all whole numbers of a linear range, ends included, are equally likely."""
        if whole and self.scale == "linear":
            quantiles = ((self.high - self.low + 1) * quantiles - 0.5) / (self.high - self.low)
        return super().convert_quantiles(quantiles, whole=whole)


class _Truncated(_Continuous):
    """A distribution truncated at two limits."""

    low: float = Field(description="the smallest value; the distribution is truncated here")
    high: float = Field(description="the largest value; the distribution is truncated here")

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    @abstractmethod
    def _mass(self) -> tuple[float, float]:
        """Cumulative probabilities of the untruncated distribution at the two limits."""

    def find_problem(self) -> tuple[tuple[str | int, ...], str] | None:
        """Find what is wrong: the path below this setting and the message; None if it is valid."""
        if self.low >= self.high:
            return ("high",), f"{self.high:g} is not above low, which is {self.low:g}"
        below_low, below_high = self._mass()
        if below_high - below_low < _MIN_MASS:
            return (), f"this distribution has practically no probability from {self.low:g} to {self.high:g}"
        return None

    def _untruncate(self, quantiles: Floats) -> Floats:
        """Convert quantiles of the truncated distribution to quantiles of the untruncated one."""
        below_low, below_high = self._mass()
        return below_low + quantiles * (below_high - below_low)


class Normal(_Truncated):
    """A truncated normal distribution."""

    distribution: Literal["normal"] = Field(description="type of distribution")
    mean: float = Field(description="mean before truncation")
    sd: float = Field(gt=0, description="standard deviation before truncation")

    def _mass(self) -> tuple[float, float]:
        return _normal_mass(self.low, self.high, self.mean, self.sd)

    def quantile(self, quantiles: Floats) -> Floats:
        """Values of the quantile function at these quantiles, shape (points,)."""
        return self.mean + self.sd * _normal_quantile(self._untruncate(quantiles))


class Lognormal(_Truncated):
    """A truncated lognormal distribution."""

    distribution: Literal["lognormal"] = Field(description="type of distribution")
    median: float = Field(gt=0, description="median before truncation")
    sd_log: float = Field(gt=0, description="standard deviation of the logarithm before truncation")
    low: float = Field(gt=0, description="the smallest value; the distribution is truncated here")

    def _mass(self) -> tuple[float, float]:
        if self.low >= self.high:
            return 0.0, 0.0
        return _normal_mass(math.log(self.low), math.log(self.high), math.log(self.median), self.sd_log)

    def quantile(self, quantiles: Floats) -> Floats:
        """Values of the quantile function at these quantiles, shape (points,)."""
        return self.median * np.exp(self.sd_log * _normal_quantile(self._untruncate(quantiles)))


class Triangular(_Continuous):
    """A triangular distribution.

    >>> variation = Triangular(distribution="triangular", low=0.0, mode=1.0, high=2.0)
    >>> variation.convert_quantiles(np.array([0.0, 0.5, 1.0]), whole=False)
    [0.0, 1.0, 2.0]
    """

    distribution: Literal["triangular"] = Field(description="type of distribution")
    low: float = Field(description="the smallest value")
    mode: float = Field(description="the most likely value")
    high: float = Field(description="the largest value")

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    def find_problem(self) -> tuple[tuple[str | int, ...], str] | None:
        """Find what is wrong: the path below this setting and the message; None if it is valid."""
        if self.low >= self.high:
            return ("high",), f"{self.high:g} is not above low, which is {self.low:g}"
        if not self.low <= self.mode <= self.high:
            return ("mode",), f"{self.mode:g} is not between low, {self.low:g}, and high, {self.high:g}"
        return None

    def quantile(self, quantiles: Floats) -> Floats:
        """Values of the quantile function at these quantiles, shape (points,)."""
        width, rise = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(quantiles * width * rise)
        falling = self.high - np.sqrt((1 - quantiles) * width * (self.high - self.mode))
        return np.where(quantiles * width < rise, rising, falling)


def _normal_mass(low: float, high: float, mean: float, sd: float) -> tuple[float, float]:
    from scipy.special import ndtr

    return float(ndtr((low - mean) / sd)), float(ndtr((high - mean) / sd))


def _normal_quantile(shares: Floats) -> Floats:
    from scipy.special import ndtri

    quantiles: Floats = ndtri(shares)
    return quantiles


DISTRIBUTIONS: dict[str, type[SettingsSection]] = {
    "normal": Normal,
    "lognormal": Lognormal,
    "triangular": Triangular,
}


def _choose_class(given: Any) -> str | None:
    """Choose the class for a value under `vary`: a list, a named distribution, or a range; None if it is neither."""
    if isinstance(given, dict):
        if "distribution" not in given:
            return "Range"
        name = given["distribution"]
        return DISTRIBUTIONS[name].__name__ if isinstance(name, str) and name in DISTRIBUTIONS else None
    if isinstance(given, list | tuple):
        return "Values"
    name = type(given).__name__
    return name if name in _CLASS_NAMES else None


_CLASS_NAMES = ("Values", "Range", "Normal", "Lognormal", "Triangular")

Variation = Annotated[
    Annotated[Values, Tag("Values")]
    | Annotated[Range, Tag("Range")]
    | Annotated[Normal, Tag("Normal")]
    | Annotated[Lognormal, Tag("Lognormal")]
    | Annotated[Triangular, Tag("Triangular")],
    Discriminator(_choose_class),
]
"""How one setting varies."""

"""What `vary:` may say of one setting: a list of values, a range, or a distribution between two limits.

Each turns a number from 0 to 1 into a value (its quantile function), so that every design is drawn in the unit cube.
"""

import math
from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import ConfigDict, Discriminator, Field, RootModel, Tag

from cpsim.scenario.sections import Section

Scalar = bool | int | float | str
Numbers = np.ndarray[Any, np.dtype[np.float64]]

MAX_VALUES = 1_000
_LEAST_MASS = 1e-9


class Values(RootModel[Annotated[tuple[Scalar, ...], Field(strict=False)]]):
    """A list of values, each as likely as the others."""

    model_config = ConfigDict(strict=True, frozen=True)

    root: Annotated[tuple[Scalar, ...], Field(strict=False, min_length=1, max_length=MAX_VALUES)]

    def fault(self) -> tuple[tuple[str | int, ...], str] | None:
        """The setting that makes no sense of it, below it, and why; None if all is well."""
        if len(set(map(repr, self.root))) < len(self.root):
            return (), "a value stands in this list twice"
        return None

    def at(self, quantiles: Numbers, *, whole: bool) -> list[Scalar]:
        """The values at these quantiles [points]; a list has its own values, whole or not."""
        del whole
        places = np.minimum((quantiles * len(self.root)).astype(np.int64), len(self.root) - 1)
        return [self.root[place] for place in places]


class _Continuous(Section, ABC):
    """Numbers between two limits."""

    @abstractmethod
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""

    @abstractmethod
    def fault(self) -> tuple[tuple[str | int, ...], str] | None:
        """The setting that makes no sense of it, below it, and why; None if all is well."""

    @abstractmethod
    def quantile(self, quantiles: Numbers) -> Numbers:
        """The values below which these shares of all values lie [points]."""

    def at(self, quantiles: Numbers, *, whole: bool) -> list[Scalar]:
        """The values at these quantiles [points], rounded for a setting that takes whole numbers."""
        values = np.clip(self.quantile(quantiles), *self.limits())
        return [int(value) for value in np.rint(values)] if whole else values.tolist()


class Range(_Continuous):
    """All numbers between two, equally likely on a linear or a logarithmic scale."""

    low: float = Field(alias="from", description="the smallest value")
    high: float = Field(alias="to", description="the largest value")
    scale: Literal["linear", "log"] = Field(
        default="linear", description="log = each doubling is as likely as the next"
    )

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    def fault(self) -> tuple[tuple[str | int, ...], str] | None:
        """The setting that makes no sense of it, below it, and why; None if all is well."""
        if self.low >= self.high:
            return ("to",), f"{self.high:g} is not above from, which is {self.low:g}"
        if self.scale == "log" and self.low <= 0:
            return ("from",), f"a logarithmic scale begins above 0, not at {self.low:g}"
        return None

    def quantile(self, quantiles: Numbers) -> Numbers:
        """The values below which these shares of all values lie [points]."""
        if self.scale == "log":
            return np.exp(math.log(self.low) + quantiles * math.log(self.high / self.low))
        return self.low + quantiles * (self.high - self.low)

    def at(self, quantiles: Numbers, *, whole: bool) -> list[Scalar]:
        """As for all; the two ends of a range of whole numbers are as likely as those between."""
        if whole and self.scale == "linear":
            quantiles = ((self.high - self.low + 1) * quantiles - 0.5) / (self.high - self.low)
        return super().at(quantiles, whole=whole)


class _Truncated(_Continuous):
    """A distribution of which only the part between two limits is used."""

    low: float = Field(description="the smallest value; what lies below is left out")
    high: float = Field(description="the largest value; what lies above is left out")

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    @abstractmethod
    def _mass(self) -> tuple[float, float]:
        """Shares of the whole distribution below the two limits."""

    def fault(self) -> tuple[tuple[str | int, ...], str] | None:
        """The setting that makes no sense of it, below it, and why; None if all is well."""
        if self.low >= self.high:
            return ("high",), f"{self.high:g} is not above low, which is {self.low:g}"
        below_low, below_high = self._mass()
        if below_high - below_low < _LEAST_MASS:
            return (), f"practically nothing of this distribution lies from {self.low:g} to {self.high:g}"
        return None

    def _of_the_whole(self, quantiles: Numbers) -> Numbers:
        below_low, below_high = self._mass()
        return below_low + quantiles * (below_high - below_low)


class Normal(_Truncated):
    """A normal distribution between two limits."""

    distribution: Literal["normal"] = Field(description="the shape")
    mean: float = Field(description="mean before it is cut to its limits")
    sd: float = Field(gt=0, description="standard deviation before it is cut to its limits")

    def _mass(self) -> tuple[float, float]:
        return _normal_mass(self.low, self.high, self.mean, self.sd)

    def quantile(self, quantiles: Numbers) -> Numbers:
        """The values below which these shares of all values lie [points]."""
        return self.mean + self.sd * _normal_quantile(self._of_the_whole(quantiles))


class Lognormal(_Truncated):
    """A distribution between two limits whose logarithm is normal."""

    distribution: Literal["lognormal"] = Field(description="the shape")
    median: float = Field(gt=0, description="median before it is cut to its limits")
    sd_log: float = Field(gt=0, description="standard deviation of the logarithm before it is cut")
    low: float = Field(gt=0, description="the smallest value; what lies below is left out")

    def _mass(self) -> tuple[float, float]:
        if self.low >= self.high:
            return 0.0, 0.0
        return _normal_mass(math.log(self.low), math.log(self.high), math.log(self.median), self.sd_log)

    def quantile(self, quantiles: Numbers) -> Numbers:
        """The values below which these shares of all values lie [points]."""
        return self.median * np.exp(self.sd_log * _normal_quantile(self._of_the_whole(quantiles)))


class Triangular(_Continuous):
    """A distribution that rises in a straight line to its most likely value, and falls from there."""

    distribution: Literal["triangular"] = Field(description="the shape")
    low: float = Field(description="the smallest value")
    mode: float = Field(description="the most likely value")
    high: float = Field(description="the largest value")

    def limits(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return self.low, self.high

    def fault(self) -> tuple[tuple[str | int, ...], str] | None:
        """The setting that makes no sense of it, below it, and why; None if all is well."""
        if self.low >= self.high:
            return ("high",), f"{self.high:g} is not above low, which is {self.low:g}"
        if not self.low <= self.mode <= self.high:
            return ("mode",), f"{self.mode:g} does not lie from {self.low:g} to {self.high:g}"
        return None

    def quantile(self, quantiles: Numbers) -> Numbers:
        """The values below which these shares of all values lie [points]."""
        width, rise = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(quantiles * width * rise)
        falling = self.high - np.sqrt((1 - quantiles) * width * (self.high - self.mode))
        return np.where(quantiles * width < rise, rising, falling)


def _normal_mass(low: float, high: float, mean: float, sd: float) -> tuple[float, float]:
    from scipy.special import ndtr

    return float(ndtr((low - mean) / sd)), float(ndtr((high - mean) / sd))


def _normal_quantile(shares: Numbers) -> Numbers:
    from scipy.special import ndtri

    quantiles: Numbers = ndtri(shares)
    return quantiles


DISTRIBUTIONS: dict[str, type[Section]] = {
    "normal": Normal,
    "lognormal": Lognormal,
    "triangular": Triangular,
}


def _shape(given: Any) -> str | None:
    """The name of the class that is meant: a list, a distribution by its name, otherwise a range."""
    if isinstance(given, dict):
        if "distribution" not in given:
            return "Range"
        named = given["distribution"]
        return DISTRIBUTIONS[named].__name__ if isinstance(named, str) and named in DISTRIBUTIONS else None
    if isinstance(given, list | tuple):
        return "Values"
    name = type(given).__name__
    return name if name in _SHAPES else None


_SHAPES = ("Values", "Range", "Normal", "Lognormal", "Triangular")

Varied = Annotated[
    Annotated[Values, Tag("Values")]
    | Annotated[Range, Tag("Range")]
    | Annotated[Normal, Tag("Normal")]
    | Annotated[Lognormal, Tag("Lognormal")]
    | Annotated[Triangular, Tag("Triangular")],
    Discriminator(_shape),
]
"""How one setting is varied."""

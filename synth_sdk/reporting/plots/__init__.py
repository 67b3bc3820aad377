"""Plots as inline SVG: drawn in the page's own colours, readable without a script, each mark with its value as a title."""

from synth_sdk.reporting.plots.curves import curve
from synth_sdk.reporting.plots.matrix import heat_map
from synth_sdk.reporting.plots.shares import bar, stacked
from synth_sdk.reporting.plots.spread import benford, binned, histogram, quantile_bar, range_bar, ranked

__all__ = ["bar", "benford", "binned", "curve", "heat_map", "histogram", "quantile_bar", "range_bar", "ranked", "stacked"]

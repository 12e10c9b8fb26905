"""Pressroom from Python: campaigns run, and read as pandas frames.

    import pressroom

    campaign = pressroom.run("configs/quickstart.yaml", documents=4)
    campaign = pressroom.load("results/quickstart")
    campaign.cells[["method", "sparsity", "perplexity"]]
    campaign.comparisons.set_index("name").loc["dense_vs_h2o_s0.9", "verdict"]
    campaign.report()

Reading takes nothing but the directory; pandas is imported when the first frame is asked for. The
page docs/python.md has the whole.
"""

from .campaign import Campaign, Metric
from .errors import Interrupted, PressroomError, Problem
from .history import PastConfig
from .loading import load
from .running import run
from .trace import Trace, read_trace

__version__ = "0.1.0"
__all__ = [
    "Campaign",
    "Interrupted",
    "Metric",
    "PastConfig",
    "PressroomError",
    "Problem",
    "Trace",
    "load",
    "read_trace",
    "run",
]

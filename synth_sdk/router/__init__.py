"""Which arm is asked next, and what it may cost: catalogue, ledger, bounds, policy, health, the one loop, batching."""

from synth_sdk.router.batching import Batched
from synth_sdk.router.beliefs import Beliefs
from synth_sdk.router.catalogue import load_catalogue, resolve
from synth_sdk.router.constraints import Constraints, ranking
from synth_sdk.router.exchange import ArmStats
from synth_sdk.router.features import Features, features_of
from synth_sdk.router.forecast import Forecast, expected
from synth_sdk.router.learned import LearnedRow, LearnedStore
from synth_sdk.router.ledger import Account, Hold, Ledger
from synth_sdk.router.router import Router
from synth_sdk.router.weights import WEIGHTS, Limits, Weights

__all__ = [
    "WEIGHTS",
    "Account",
    "ArmStats",
    "Batched",
    "Beliefs",
    "Constraints",
    "Features",
    "Forecast",
    "Hold",
    "LearnedRow",
    "LearnedStore",
    "Ledger",
    "Limits",
    "Router",
    "Weights",
    "expected",
    "features_of",
    "load_catalogue",
    "ranking",
    "resolve",
]

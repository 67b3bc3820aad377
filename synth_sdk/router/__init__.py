"""Which arm is asked next, and what it may cost: catalogue, ledger, bounds, policy, health, the one loop, batching."""

from synth_sdk.router.batching import Batched
from synth_sdk.router.catalogue import load_catalogue, resolve
from synth_sdk.router.ledger import Account, Hold, Ledger
from synth_sdk.router.policy import Constraints, Limits
from synth_sdk.router.router import ArmStats, Router, ranking

__all__ = [
    "Account",
    "ArmStats",
    "Batched",
    "Constraints",
    "Hold",
    "Ledger",
    "Limits",
    "Router",
    "load_catalogue",
    "ranking",
    "resolve",
]

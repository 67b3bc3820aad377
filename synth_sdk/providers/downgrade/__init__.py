"""A response schema as an arm's structured output takes it.

    reduced = downgrade(schema, card)
    reduced.schema          what to send for one record; None: tell the model the schema in words
    reduced.envelope(4)     the same for a reply of four records
    reduced.unsaid          what the model has to be told in the prompt, because no field of the schema says it
    reduced.lift(value)     a record of the reply in the shape of the original schema

Sound: if a value satisfies the original, `reduced.lower(value)` satisfies the reduced schema. The reply is validated in full against
the original afterwards.
"""

from synth_sdk.providers.downgrade.downgraded import Downgraded, downgrade, reduce_for
from synth_sdk.providers.downgrade.targets import TARGETS, Target, target_of

__all__ = ["TARGETS", "Downgraded", "Target", "downgrade", "reduce_for", "target_of"]

"""Models that are no longer served, asked for by their old names."""

from synth_sdk.client.models import read_catalogue
from synth_sdk.client.prices import prices_file
from synth_sdk.client.settings import Settings
from synth_sdk.core.spec import Spec
from synth_sdk.router.catalogue import stand_ins, successors


def retired_names(spec: Spec, settings: Settings) -> list[str]:
    """A warning for each retired model that `spec` would have asked, with the arm that is asked in its place."""
    old = [name for name in dict.fromkeys(spec.chain) if successors(name)] if spec.spends else []
    if not old:
        return []
    cards, _ = read_catalogue(settings)
    arms = stand_ins(old, cards, prices_file(settings))
    return [f"model {name!r} is retired: {arm.id} stands in for it" for name, arm in arms.items()]

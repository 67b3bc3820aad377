"""Facts about the arms, from four layers, each over the one before it.

1. those that ship with the package (`arms.yaml`), and the local server's;
2. `prices.yaml` in SYNTH_HOME, written by `synth models refresh`;
3. a user's own file.

A name that none of them knows may still be an arm: any model whose price litellm's bundled table or OpenRouter's public list
states, or that of a retired model, which means its successor (`names.resolve`).

A catalogue file is YAML or JSON: `{as_of: DATE, arms: [ARM, ...]}`. An ARM is keyed by its `id` and has

* `aliases` (short names), `provider`, `model` (the provider's own id), `family`, `region`, `effort`;
* `prices`: `{input_per_m, output_per_m, cache_read_per_m, cache_write_per_m, reasoning_per_m}` in US dollars per million tokens,
  `per_call` in US dollars, `tiers: [{above_tokens, input_per_m, ...}]` for calls with more input than that, and `free: true` for
  an arm that costs nothing. A price of 0 without `free` counts as unknown;
* `context_tokens`, `max_output_tokens`, `structured` (json_schema, tool or prompt), `abilities` (reasoning, tools, prompt_cache);
* `quality` and `quality_sd` in 0-1, `retires_on` (a date), and where the figures come from: `source`, `quality_source`, `as_of`.

A user's entry with a known id replaces the fields it names; one with a new id needs provider, model, context_tokens and
max_output_tokens, and prices if it is to be used under a budget.
"""

from synth_sdk.router.catalogue.layers import load_catalogue, local_card, refreshed_layer, shipped
from synth_sdk.router.catalogue.names import named, resolve, stand_ins
from synth_sdk.router.catalogue.retirement import retired
from synth_sdk.router.catalogue.successors import successors
from synth_sdk.router.catalogue.updates import Change, Update, compare, document

__all__ = [
    "Change",
    "Update",
    "compare",
    "document",
    "load_catalogue",
    "local_card",
    "named",
    "refreshed_layer",
    "resolve",
    "retired",
    "shipped",
    "stand_ins",
    "successors",
]

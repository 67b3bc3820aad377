"""What can be set of trajectories: patterns with their weights and sizes, task wordings, tool transitions, anomalies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from synth_sdk.core.errors import RequestError, UnknownName
from synth_sdk.generators.trajectory.banks import BANKS, Odds, gaps

LARGEST = 10_000  # nodes of one trajectory
ANOMALY_RATE = 0.1
_KEYS = ("random_seed", "data_generation", "task_templates", "tool_transitions")
_INNER_KEYS = ("trajectory_patterns", "task_templates", "tool_transitions", "random_seed", "anomalies", "num_trajectories")
_PATTERN_KEYS = ("min_nodes", "max_nodes", "weight")


@dataclass(frozen=True, slots=True)
class Pattern:
    """How often a pattern is chosen, relative to the others, and how many nodes its trajectories have."""

    name: str
    min_nodes: int
    max_nodes: int
    weight: float


DEFAULT_PATTERNS = (
    Pattern("simple_linear", 5, 10, 0.2),
    Pattern("branched_analysis", 10, 20, 0.2),
    Pattern("multi_agent_handoffs", 15, 25, 0.2),
    Pattern("complex_research", 20, 40, 0.2),
    Pattern("error_recovery", 10, 30, 0.2),
)


@dataclass(frozen=True, slots=True)
class Config:
    """`templates` are task wordings by category, `transitions` odds of the next tool by tool; both lie over the built-in ones.

    `anomaly_rate` is the share of trajectories with an anomaly, `anomalies` the odds of its kinds (none given: all alike).
    """

    patterns: tuple[Pattern, ...] = DEFAULT_PATTERNS
    templates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    transitions: Mapping[str, Odds] = field(default_factory=dict)
    anomaly_rate: float = ANOMALY_RATE
    anomalies: Odds = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_config(told: Any, known_patterns: Mapping[str, int], known_anomalies: Sequence[str]) -> Config:
    """The Config in a mapping such as the file of `trajectory --config` holds; RequestError names the key, the rule and the way out.

    `known_patterns` gives the fewest nodes that each pattern can be built of. A pattern of another name is kept, with a warning: simple
    linear trajectories are made for it.
    """
    if told is None:
        return Config()
    outer = _mapping(told, "the configuration")
    _known(outer, _KEYS, "the configuration")
    inner = {**_mapping(outer.get("data_generation", {}), "data_generation")}
    _known(inner, _INNER_KEYS, "data_generation")
    inner = {**{key: value for key, value in outer.items() if key != "data_generation"}, **inner}
    templates = _templates(inner.get("task_templates", {}))
    patterns, warnings = _patterns(inner.get("trajectory_patterns"), known_patterns)
    anomalies = _mapping(inner.get("anomalies", {}), "anomalies")
    _known(anomalies, ("rate", "kinds"), "anomalies")
    return Config(
        patterns=patterns,
        templates=templates,
        transitions=_transitions(inner.get("tool_transitions", {})),
        anomaly_rate=_number(anomalies.get("rate", ANOMALY_RATE), "anomalies.rate", most=1),
        anomalies=_kinds(anomalies.get("kinds", {}), known_anomalies),
        warnings=(*warnings, *_unknown_gaps(templates)),
    )


def _patterns(told: Any, known: Mapping[str, int]) -> tuple[tuple[Pattern, ...], list[str]]:
    if told is None:
        return DEFAULT_PATTERNS, []
    patterns, warnings = [], []
    for name, spec in _mapping(told, "trajectory_patterns").items():
        key = f"trajectory_patterns.{name}"
        options = _mapping(spec, key)
        _known(options, _PATTERN_KEYS, key)
        usual = next((pattern for pattern in DEFAULT_PATTERNS if pattern.name == name), DEFAULT_PATTERNS[0])
        fewest = known.get(name, known["simple_linear"])
        low = _whole(options.get("min_nodes", usual.min_nodes), f"{key}.min_nodes")
        high = _whole(options.get("max_nodes", max(low, usual.max_nodes)), f"{key}.max_nodes")
        if low > high:
            raise RequestError(f"{key}: min_nodes {low} is above max_nodes {high}: swap them")
        if high < fewest:
            raise RequestError(f"{key}.max_nodes {high}: this pattern needs at least {fewest} nodes")
        if name not in known:
            warnings.append(
                f"unknown pattern {name!r}: simple linear trajectories are made for it; the patterns are {', '.join(known)}"
            )
        patterns.append(Pattern(str(name), max(low, fewest), high, _number(options.get("weight", usual.weight), f"{key}.weight")))
    if not sum(pattern.weight for pattern in patterns):
        raise RequestError("trajectory_patterns: no pattern has a weight above 0, so none can be chosen")
    return tuple(patterns), warnings


def _templates(told: Any) -> dict[str, list[str]]:
    found = {}
    for name, texts in _mapping(told, "task_templates").items():
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, Sequence) or not texts or not all(isinstance(text, str) and text.strip() for text in texts):
            raise RequestError(f"task_templates.{name}: must be a text or a list of texts")
        found[str(name)] = list(texts)
    return found


def _unknown_gaps(templates: Mapping[str, Sequence[str]]) -> list[str]:
    known = {*BANKS["words"], "subject", "goal"}
    names = sorted({gap for texts in templates.values() for text in texts for gap in gaps(text)} - known)
    if not names:
        return []
    return [
        f"task_templates: {', '.join('{' + name + '}' for name in names)} stands for nothing that is known and is written as its name; "
        f"known are {', '.join(sorted(known))}"
    ]


def _transitions(told: Any) -> dict[str, Odds]:
    found: dict[str, Odds] = {}
    for tool, odds in _mapping(told, "tool_transitions").items():
        key = f"tool_transitions.{tool}"
        weights = {str(name): _number(weight, f"{key}.{name}") for name, weight in _mapping(odds, key).items()}
        if not sum(weights.values()):
            raise RequestError(f"{key}: no tool has odds above 0, so nothing can follow {tool}")
        found[str(tool)] = weights
    return found


def _kinds(told: Any, known: Sequence[str]) -> dict[str, float]:
    kinds = dict.fromkeys(told, 1.0) if isinstance(told, list) else _mapping(told, "anomalies.kinds")
    for name in kinds:
        if name not in known:
            raise UnknownName("anomaly", str(name), known)
    return {str(name): _number(weight, f"anomalies.kinds.{name}") for name, weight in kinds.items()}


def _mapping(value: Any, key: str) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise RequestError(f"{key}: must be a mapping, not {type(value).__name__}")
    return value


def _known(told: Mapping[Any, Any], known: Sequence[str], where: str) -> None:
    for key in told:
        if key not in known:
            raise UnknownName(f"key in {where}:", str(key), known)


def _whole(value: Any, key: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise RequestError(f"{key} {value!r}: must be a whole number from 1 to {LARGEST:,}")
    return value


def _number(value: Any, key: str, most: float = float("inf")) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or value == float("inf"):
        raise RequestError(f"{key} {value!r}: must be a number of at least 0{f' and at most {most:g}' if most < 1e9 else ''}")
    return float(value)

"""Is the flow sound? Every node reached, every way ends, the roles alternate, a refusal is answered."""

from collections.abc import Iterator

from synth_sdk.dialogue.linting.findings import Finding, finding
from synth_sdk.dialogue.linting.paths import open_ends, sites, speaking_errors, unreachable
from synth_sdk.dialogue.model import Pack


def flow_findings(pack: Pack) -> Iterator[Finding]:
    for name in unreachable(pack):
        yield finding("flow", "warning", f"flow.{name} is never reached", pack.flow[name].place)
    for name, state in open_ends(pack):
        yield finding("flow", "error", f"flow.{name} does not lead to the end (with {state})", pack.flow[name].place)
    for name, message in speaking_errors(pack):
        yield finding("roles", "error", f"flow.{name}: {message}", pack.flow[name].place)
    said = {site.act for site in sites(pack)}
    for act in pack.acts.values():
        if act.name not in said:
            yield finding("unused", "warning", f"acts.{act.name} is never said", act.place)

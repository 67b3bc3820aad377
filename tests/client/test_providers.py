"""Strangers' providers: broken ones are left out with a warning, and what others raise is an arm that failed."""

import pytest

from synth_sdk import Synth
from synth_sdk.client.models import check_models
from synth_sdk.client.providers import Broken, Stranger, left_out, make_providers
from synth_sdk.client.settings import read_settings
from synth_sdk.core import plugins
from synth_sdk.core.errors import ModelError, Outcome, RequestError
from tests.support.buying import synth_for
from tests.support.distributions import install, visible

MODULE = """
from synth_sdk.core.errors import ModelError, Outcome
class Good:
    name = "good"
    def __init__(self, env): self.env = env
    def missing(self): return None
    async def ask(self, call, on_reply): raise KeyError("choices")
    async def aclose(self): ...
class Unmade(Good):
    def __init__(self, env): raise ValueError("no licence")
class Unasked(Good):
    def missing(self): raise KeyError("x")
class Honest(Good):
    async def ask(self, call, on_reply): raise ModelError("not accepted", outcome=Outcome.REFUSED)
"""
TARGETS = {"acme_good": "Good", "acme_unmade": "Unmade", "acme_unasked": "Unasked", "acme_honest": "Honest", "acme_gone": "Gone"}
SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@pytest.fixture
def acme(tmp_path):
    install(
        tmp_path / "site",
        "acme-synth",
        {"providers": {name: f"acme_providers:{cls}" for name, cls in TARGETS.items()}},
        {"acme_providers": MODULE},
    )
    with visible(tmp_path / "site"):
        yield


def catalogue(home, *providers):
    home.mkdir(exist_ok=True)
    rows = [
        f"{{id: {name}/m, provider: {name}, model: m, prices: {{free: true}}, context_tokens: 32000, max_output_tokens: 8000}}"
        for name in providers
    ]
    (home / "models.yaml").write_text(f"arms: [{', '.join(rows)}]")


def test_broken_providers_say_why_and_the_others_are_made(acme):
    found = make_providers({})
    assert {name for name, provider in found.items() if isinstance(provider, Broken)} == {
        "acme_unmade",
        "acme_unasked",
        "acme_gone",
    }
    assert isinstance(found["acme_good"], Stranger)
    assert not isinstance(found["gemini"], Stranger | Broken)
    told = sorted(left_out(found))
    assert told[0].startswith(
        "provider 'acme_gone' is left out: provider 'acme_gone' of acme-synth 1.0 can't be loaded: AttributeError"
    )
    assert told[1] == "provider 'acme_unasked' is left out: KeyError: 'x'"
    assert told[2].endswith("can't be made: ValueError: no licence")


async def test_a_broken_provider_refuses(acme):
    broken = make_providers({})["acme_unmade"]
    with pytest.raises(ModelError, match="no licence") as caught:
        await broken.ask(None, None)
    assert caught.value.outcome is Outcome.REFUSED
    await broken.aclose()


def test_a_run_that_needs_no_broken_provider_goes_on_with_a_warning(acme, server, home):
    result = synth_for(server, home, "gemini", budget="0.20").generate("json", schema=SCHEMA, count=4, mode="llm")
    assert result.report.origins == {"llm": 4}
    assert sum("is left out" in line for line in result.report.warnings) == 3


def test_one_that_is_asked_for_is_one_line_before_anything_is_spent(acme, home):
    catalogue(home, "acme_unmade")
    synth = Synth(env={"SYNTH_HOME": str(home)}, budget=0, model="acme_unmade/m", fallback="none")
    with pytest.raises(RequestError, match="can't be made: ValueError: no licence"):
        synth.generate("json", schema=SCHEMA, mode="llm")


def test_the_list_of_models_tells_it(acme, home):
    catalogue(home, "acme_unmade", "acme_good")
    rows = {row["id"]: row for row in check_models(read_settings({"SYNTH_HOME": str(home)}))}
    assert rows["acme_good/m"]["usable"]
    assert "no licence" in rows["acme_unmade/m"]["why_not"]


@pytest.mark.parametrize(("name", "told"), [("acme_good", "unavailable: KeyError: 'choices'"), ("acme_honest", "not accepted")])
def test_what_a_strangers_provider_raises_is_a_failed_arm(acme, home, name, told):
    catalogue(home, name)
    synth = Synth(env={"SYNTH_HOME": str(home)}, budget=0, model=f"{name}/m", fallback="faker", timeout=2)
    result = synth.generate("json", schema=SCHEMA, count=2)
    assert result.report.origins == {"offline": 2}
    assert any(told in line for line in (*result.report.errors, *result.report.warnings))


def test_a_provider_registered_at_run_time_counts_as_a_strangers(acme, monkeypatch):
    monkeypatch.setitem(plugins._AT_RUN_TIME, "providers", {})
    plugins.register("providers", "gemini", lambda env: 1 / 0)
    assert isinstance(make_providers({})["gemini"], Broken)

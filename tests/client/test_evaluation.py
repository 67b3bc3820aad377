"""The client function behind `synth eval`."""

from synth_sdk.client.evaluation import evaluate
from tests.evaluation.support import CORPUS, lines


def test_a_file_or_records(tmp_path):
    (tmp_path / "x.jsonl").write_text(lines(CORPUS[:20]))
    from_file, from_memory = evaluate(tmp_path / "x.jsonl"), evaluate(CORPUS[:20], like=CORPUS[20:40], dialect="synth")
    assert from_file.to_dict()["metrics"] == from_memory.to_dict()["metrics"]
    assert from_memory.save(str(tmp_path / "page.html"))
    assert (tmp_path / "page.html").exists()

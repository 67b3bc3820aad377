"""`--vectorize-with` and `synth vectors`, as a user has them."""

import json
from importlib.util import find_spec

import pytest

needs_ruvector = pytest.mark.skipif(find_spec("ruvector") is None, reason="ruvector is not installed")


@pytest.fixture
def without(tmp_path):
    """Variables of a Python that can't import the vector libraries."""
    folder = tmp_path / "absent"
    for name in ("lancedb", "ruvector"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise ImportError('not here')")
    return {"PYTHONPATH": str(folder)}


@needs_ruvector
def test_fill_search_and_tell(synth, tmp_path):
    plain = synth("generate", "text", "-n", 60, "--quiet")
    for _ in range(2):  # the same command again replaces
        filled = synth("generate", "text", "-n", 60, "--vectorize-with", "ruvector", "--quiet")
        assert (filled.code, filled.out, filled.err) == (0, plain.out, "")
    assert (tmp_path / "data" / "vectors.db").is_dir()
    told = json.loads(synth("vectors", "info", "--store", "ruvector", "--json").out)
    assert told == {"store": "ruvector", "path": "./data/vectors.db", "records": 60, "embedding": "hashing", "dimensions": 1024}
    query = json.loads(plain.out.splitlines()[7])["text"]
    found = json.loads(synth("vectors", "search", query, "--store", "ruvector", "--limit", 4, "--json").out)
    assert [neighbour["similarity"] for neighbour in found] == sorted((n["similarity"] for n in found), reverse=True)
    assert (len(found), found[0]["record"]["text"]) == (4, query)
    lines = [json.loads(line) for line in plain.out.splitlines()]
    assert all(lines[int(neighbour["id"].rpartition("-")[2])] == neighbour["record"] for neighbour in found)
    shown = synth("vectors", "search", query, "--store", "ruvector", "--path", "data/vectors.db").out.splitlines()
    assert [line.split()[1] for line in shown][:4] == [neighbour["id"] for neighbour in found]


@pytest.mark.parametrize("store", ["lancedb", "ruvector"])
def test_an_absent_library_does_nothing_but_a_warning(synth, tmp_path, without, store):
    plain = synth("generate", "user_profile", "-n", 5, "--quiet")
    done = synth("generate", "user_profile", "-n", 5, "--vectorize-with", store, env=without)
    assert (done.code, done.out) == (0, plain.out)
    assert f"warning: vector store '{store}' needs a library: install it with pip install 'synth-data-sdk[{store}]'" in done.err
    assert not (tmp_path / "data").exists()
    searched = synth("vectors", "search", "x", "--store", store, env=without)
    assert (searched.code, searched.out) == (2, "")
    assert f"pip install 'synth-data-sdk[{store}]'" in searched.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["generate", "user_profile", "--vectorize-with", "lancdb"], "unknown vector store 'lancdb': did you mean lancedb?"),
        pytest.param(["generate", "user_profile", "--vectorize-with", "ruvector:taken/x"], "'taken/x': Not a directory", marks=needs_ruvector),
        (["vectors", "search", "x", "--store", "ruvectr"], "did you mean ruvector?"),
        pytest.param(["vectors", "info", "--store", "ruvector", "--path", "nowhere"], "'nowhere': there is none", marks=needs_ruvector),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_nothing_is_made(synth, tmp_path, words, told):
    (tmp_path / "taken").write_text("a file")
    done = synth(*words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert done.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "synth-home") == ["taken"]


@needs_ruvector
def test_the_configuration_names_path_and_store(synth, tmp_path):
    (tmp_path / "synth.yaml").write_text("integrations: {ruvector: {enabled: true, db_path: ./mine}}")
    assert synth("generate", "user_profile", "-n", 5, "--vectorize-with", "ruvector").code == 0
    assert (tmp_path / "mine").is_dir()
    assert synth("vectors", "info", "--config", "synth.yaml").out.splitlines()[:3] == [
        "store       ruvector",
        "path        ./mine",
        "records     5",
    ]

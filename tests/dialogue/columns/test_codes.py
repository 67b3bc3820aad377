import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_sdk.dialogue.columns.codes import slipped
from synth_sdk.dialogue.columns.flat import run
from synth_sdk.engine.columns.lanes import mix


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet="AZaz09-_é", min_size=1).filter(lambda text: any(c.isascii() and c.isalnum() for c in text)), min_size=1
    )
)
def test_a_slip_changes_one_digit_or_one_letter(texts):
    bits = mix(np.arange(len(texts), dtype=np.uint64))
    for text, wrong in zip(texts, slipped(pa.array(texts), bits).to_pylist(), strict=True):
        (change,) = [(a, b) for a, b in zip(text, wrong, strict=True) if a != b]
        assert change[0].isdigit() == any(char.isdigit() for char in text)
        assert change[1] in ("123456789" if change[0].isdigit() else "ABCDEFGHJKLMNPQRSTUVWXYZ")
        assert change[0].upper() != change[1]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5))))
def test_stretches_end_to_end(stretches):
    starts, lengths = np.array([s for s, _ in stretches], np.int64), np.array([n for _, n in stretches], np.int64)
    assert run(starts, lengths).tolist() == [start + place for start, length in stretches for place in range(length)]

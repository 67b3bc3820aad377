"""Arrays and scalars that are what `pa.array` would make."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_sdk.core.arrow import null_scalar, of_numpy, of_texts, of_values, text_scalar, to_mask, to_numbers


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=30))
def test_texts(texts):
    made = of_texts(texts)
    made.validate(full=True)
    assert made.equals(pa.array(texts, pa.string()))


@pytest.mark.parametrize("dtype", ["int32", "int64", "float64", "bool"])
@pytest.mark.parametrize("count", [0, 1, 9, 64])
def test_numbers_and_back(dtype, count):
    values = (np.arange(3 * count) % 5 % 2).astype(dtype)[::3]  # not side by side
    made = of_numpy(values)
    made.validate(full=True)
    assert made.equals(pa.array(values))
    back = to_mask(made[1:]) if dtype == "bool" else to_numbers(made[1:])
    assert back.tolist() == values[1:].tolist()


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([1, None, 3], pa.int64()),
        ([0.5, 2.0], pa.float64()),
        ([True, None, False], pa.bool_()),
        (["a", None], pa.string()),
        ([], pa.int64()),
    ],
)
def test_values_of_a_type(values, type):
    made = of_values(values, type)
    made.validate(full=True)
    assert made.equals(pa.array(values, type))


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(OverflowError):
        of_values([2**70], pa.int64())


def test_scalars():
    assert text_scalar("ä").as_py() == "ä"
    assert null_scalar(pa.list_(pa.string())).as_py() is None

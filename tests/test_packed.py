"""Arrays in one compressed file: what goes in comes out, in Python and in the browser's module."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from mnist_cnn.packed import DTYPES, PackedError, pack, unpack
from testing.node import run_node

RANDOM = np.random.default_rng(0)
ARRAYS = {dtype: RANDOM.integers(0, 100, (3, 5)).astype(dtype) - np.asarray(7).astype(dtype) for dtype in DTYPES}
FRACTIONS = np.array([[0.1, -1e-30]], np.float32)
IMPORTS = "import { dataOf, setSource } from '@web/pad/data.js';"


@pytest.fixture(scope="module")
def packed() -> bytes:
    return pack({"name": "test"}, {**ARRAYS, "empty": np.zeros((0, 4), np.int16), "fractions": FRACTIONS})


def test_arrays_come_back_as_they_were(packed: bytes) -> None:
    about, arrays = unpack(packed)
    assert about == {"name": "test"}
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)
    assert arrays["empty"].shape == (0, 4)
    assert np.array_equal(arrays["fractions"], FRACTIONS)


def test_the_page_reads_the_same(packed: bytes) -> None:
    found = run_node(
        IMPORTS,
        """setSource(async () => given.text);
        const { about, arrays } = await dataOf('test');
        return { about, arrays: Object.fromEntries(Object.entries(arrays).map(([name, { values, shape }]) =>
          [name, { kind: values.constructor.name, shape, values: Array.from(values) }])) };""",
        text=base64.b64encode(packed).decode(),
    )
    about, arrays = unpack(packed)
    assert found["about"] == about
    for name, array in arrays.items():
        assert found["arrays"][name]["kind"].lower() == f"{array.dtype.name}array"
        assert np.array_equal(np.asarray(found["arrays"][name]["values"], array.dtype).reshape(array.shape), array)


@pytest.mark.parametrize("text", ["", "!", "aGVsbG8="])
def test_the_page_gives_a_sentence_for_a_missing_or_damaged_file_and_tries_again(text: str, packed: bytes) -> None:
    found = run_node(
        IMPORTS,
        """const texts = [given.bad, given.good];
        console.error = () => {};
        setSource(async () => texts.shift());
        const first = await dataOf('test').catch(({ message }) => message);
        return [first, (await dataOf('test')).about.name];""",
        bad=text,
        good=base64.b64encode(packed).decode(),
    )
    assert found == ["This part needs data that could not be loaded. Check the connection, then open it again.", "test"]


def test_damage_is_found(packed: bytes) -> None:
    for content in (b"", b"nothing", packed[:-20], packed[:40]):
        with pytest.raises(PackedError):
            unpack(content)


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="odd is float64"):
        pack({}, {"odd": np.zeros(2)})

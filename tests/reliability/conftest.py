"""Keys of tests never reach the machine's own keyring; shops are stopped after the test."""

import pytest

from tests.reliability.desk import LivingShop
from tests.reliability.proxy import Proxy


@pytest.fixture(autouse=True, scope="module")
def keys_in_a_file(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOTSUGO_KEYRING", "off")
        patch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.getbasetemp() / "keys"))
        yield


@pytest.fixture
def begin():
    """`begin("--epoch", ..., orders=60)` starts a shop; all are stopped after the test."""
    running = []

    def start(*arguments, **shape):
        running.append(LivingShop(*arguments, **shape))
        return running[-1]

    yield start
    for shop in running:
        shop.stop()


@pytest.fixture
def between():
    """`between(shop)`: a line to the shop on which something can happen between two pages; closed after the test."""
    lines = []

    def lay(shop):
        lines.append(Proxy(shop.url))
        return lines[-1]

    yield lay
    for line in lines:
        line.stop()

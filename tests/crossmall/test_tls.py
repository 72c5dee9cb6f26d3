"""Which certificates the client accepts: none that it cannot verify, and nothing is sent to whoever shows one (S17)."""

from collections.abc import Callable

import pytest

from crossmall.errors import TransportError
from tests.crossmall.conftest import Shop


@pytest.mark.parametrize("mode", ["valid", "expired", "self-signed", "wrong-name"])
def test_a_certificate_that_no_known_authority_vouches_for_is_refused(
    start_shop: Callable[..., Shop], mode: str
) -> None:
    shop = start_shop("--tls", mode, "--scenario", "quiet", "--orders", "5")
    with shop.client(retries=0) as client, pytest.raises(TransportError) as refused:
        client.phases()
    assert (refused.value.reason, refused.value.retryable) == ("tls", False)

"""An empty mirror for each test of stock."""

from __future__ import annotations

import pytest

from tests.mapping.mirror import Mirror


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()

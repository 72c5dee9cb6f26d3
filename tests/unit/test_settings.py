"""Settings say where each value came from and refuse what cannot be right."""

import pytest

from reconcile.errors import UsageError
from reconcile.settings import resolve


def test_an_argument_beats_the_environment_beats_the_file_beats_the_default():
    file = "concurrency = 2\nfirst_days = 7\noverlap_min = 5\n"
    environment = {"TOTSUGO_CONCURRENCY": "3", "TOTSUGO_FIRST_DAYS": "9"}
    settings = resolve({"concurrency": 8}, environment, file)
    assert (settings.concurrency, settings.first_days, settings.overlap_min) == (8, 9, 5)
    assert settings.origin["concurrency"] == "argument"
    assert settings.origin["first_days"] == "environment"
    assert settings.origin["overlap_min"] == "settings.toml"
    assert settings.origin["stale_after_h"] == "default"


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("concurrency = 0", "error.settings.value"),
        ("concurrency = 17", "error.settings.value"),
        ("concurrency = 2.5", "error.settings.value"),
        ('first_days = "soon"', "error.settings.value"),
        ("overlap_min = -1", "error.settings.value"),
        ("colour = 1", "error.settings.unknown"),
        ("concurrency =", "error.settings.unreadable"),
    ],
)
def test_what_cannot_be_right_is_refused(file, key):
    with pytest.raises(UsageError) as caught:
        resolve({}, {}, file)
    assert caught.value.help_key == key

"""A server that others could reach does not start without a login."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reconcile import LANGUAGES, Text

ROOT = Path(__file__).resolve().parents[2]


def test_the_server_does_not_start_for_other_machines_without_a_login(tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"),
        *("--server.port", "0", "--server.address", "0.0.0.0"),
    ]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"HOME": str(tmp_path), "TOTSUGO_DATA": str(tmp_path / "home")},
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert ended.returncode != 0
    for lang in LANGUAGES:
        assert Text(lang)("error.access.reach.cure") in ended.stderr
    assert "Traceback" not in ended.stderr

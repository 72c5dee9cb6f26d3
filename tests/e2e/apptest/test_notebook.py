"""The analyst's tour runs from its first cell to its last, on the demo's folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.apptest.conftest import ROOT

RUN = "from nbclient.cli import main; main()"


def test_the_notebook_runs(demo_home: Path, tmp_path: Path) -> None:
    own = {name: str(tmp_path / name) for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR")}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT / "docs" / "notebook.ipynb"), "--timeout=300"],
        cwd=ROOT,
        env=os.environ | own | {"TOTSUGO_DATA": str(demo_home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]

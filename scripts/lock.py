"""Renews requirements.txt and requirements-dev.txt from their .in files: every version pinned, every file by its hash.

One lock serves Python 3.11 to 3.13 on Linux, macOS and Windows. No address of an index gets into it. Without
arguments, versions that still fit stay; `--upgrade` takes the newest, `--upgrade-package NAME` the newest of one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = "3.11"
LOCKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("requirements.in", "requirements.txt", ()),
    ("requirements-dev.in", "requirements-dev.txt", ("--constraint", "requirements.txt")),
)


def compile_lock(source: str, target: str, extra: list[str]) -> int:
    """The exit code of uv for one lock."""
    options = ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--quiet"]
    options += ["--no-emit-index-url", "--no-emit-find-links"]
    options += ["--custom-compile-command", "python scripts/lock.py"]
    command = [sys.executable, "-m", "uv", "pip", "compile", source, *options, *extra, "-o", target]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main(arguments: list[str]) -> int:
    """0 when both locks are written; the first exit code of uv that is not."""
    for source, target, constraint in LOCKS:
        code = compile_lock(source, target, [*constraint, *arguments])
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

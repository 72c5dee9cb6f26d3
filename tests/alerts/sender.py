"""Looks at the alerts of a folder in a child for each line it is given, so that somebody may kill it."""

import os
import sys
from pathlib import Path

from reconcile import Workspace


def main():
    for line in sys.stdin:
        data, pid_file = (Path(one) for one in line.rstrip("\n").split("\t"))
        child = os.fork()
        if child == 0:
            pid_file.write_text(str(os.getpid()), encoding="utf-8")
            Workspace.open(data).check_alerts()
            os._exit(0)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main()

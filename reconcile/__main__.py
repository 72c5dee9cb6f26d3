"""python -m reconcile: the command line."""

import sys

from reconcile.cli import main

if __name__ == "__main__":
    sys.exit(main())

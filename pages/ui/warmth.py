"""What the server does before its first visitor comes, so that nobody waits for it."""

import gc
import importlib
import pkgutil
from pathlib import Path


def up() -> None:
    """Imports everything the screens are made of, and leaves it out of every later collection of garbage."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"{package}.{module.name}")
    gc.freeze()

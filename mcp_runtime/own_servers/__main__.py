"""One of them, by its name.

What it imports stays until its end: to be looked through for garbage meanwhile would take a sixth of its start.
"""

import gc
import sys
from importlib import import_module

if __name__ == "__main__":
    gc.disable()
    main = import_module(f"{__package__}.{sys.argv.pop(1)}").main
    gc.freeze()
    gc.enable()
    from mcp_runtime.own_servers.running import run

    run(main)

"""``usher try`` where six tests work at once: it waits longer than anybody would for what it gives up after seconds."""

import runpy

from playground import children, folder, launch

if __name__ == "__main__":
    launch.READY_WITHIN = 170.0
    children.PATIENCE = 15.0
    folder.PARTS_END_WITHIN = 60.0
    runpy.run_module("app", run_name="__main__", alter_sys=True)

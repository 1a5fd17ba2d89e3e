"""One interpreter that has imported all and is forked for each scenario; forty that import at once starve the machine.

`main` answers at a socket, `ask` is what the suite starts instead of the client: it imports next to nothing.
"""

import gc
import json
import os
import signal
import socket
import sys

SOCKET = "USHER_CONFORMANCE_SOCKET"


def ask(words: list[str]) -> int:
    """The exit code of a client with these arguments, this environment and our own standard output and error."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ[SOCKET])
        told = json.dumps([words, dict(os.environ)]).encode()
        socket.send_fds(line, [len(told).to_bytes(4, "big")], [1, 2])
        line.sendall(told)
        return (line.recv(1) or b"\1")[0]


def main() -> None:
    import asyncio

    from mcp_runtime.sessions.lifetime import sdk
    from tests.mcp_runtime.conformance import client  # noqa: F401  it is imported here for all

    asyncio.run(sdk.imported())
    gc.collect()
    gc.freeze()  # or each child would look through all of it for garbage, and copy it by that
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.environ[SOCKET])
        listener.listen(128)
        print("listening", flush=True)
        while True:
            line, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _answer(line)
            line.close()


def _answer(line: socket.socket) -> None:
    """In the child: be the client, then say how it ended."""
    import runpy

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, outputs, *_ = socket.recv_fds(line, 4, 2)
    words, environment = json.loads(line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    for number, output in zip((1, 2), outputs, strict=True):
        os.dup2(output, number)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = words
    code = 0
    try:
        runpy.run_module("tests.mcp_runtime.conformance.client", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    line.sendall(bytes([code]))
    os._exit(code)


if __name__ == "__main__":
    if sys.argv[1:] == ["--answer"]:
        main()
    sys.exit(ask(sys.argv[1:]))

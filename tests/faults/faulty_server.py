"""A stdio MCP server without the SDK, each of whose tools is a way to fail: python faulty_server.py [how it starts]."""

import json
import os
import signal
import sys
import threading

START = sys.argv[1] if len(sys.argv) > 1 else ""
SECRET = "password=hunter2"
PART = "x" * (1 << 20)
PARTS = 200
roared = 0
stubborn = False


def write(text, to=sys.stdout):
    to.write(text)
    to.flush()


def hang():
    signal.pause()


def drip():
    """A line that never ends, in drops."""
    while True:
        write(" ")
        signal.sigtimedwait([], 0.01)


def line():
    """One of 200 MB."""
    for _ in range(PARTS):
        write(PART)
    write("\n")


def half():
    write('{"jsonrpc": "2.0", "id": 1, "res')
    os._exit(3)


def noise():
    for _ in range(2000):
        write(f"Traceback: {SECRET}\n{{\n[]\nnull\n\n")


def bytes_of_nothing():
    os.write(1, b"\xff\xfe\x00\xf0 no text at all\n")


def stderr():
    """As much as a pipe would hold up whom nobody reads."""
    for _ in range(PARTS // 4):
        write(f"{SECRET} {PART}", sys.stderr)


def roar():
    """To stderr, from here on and without end."""

    def without_end():
        global roared
        while True:
            roared += os.write(2, f"{SECRET} {PART}".encode())

    threading.Thread(target=without_end, daemon=True).start()


def stay():
    """Whatever it is told: by a signal, or by the end of its input."""
    global stubborn
    stubborn = True
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def deaf():
    """It says nothing any more, and goes on living."""
    os.close(1)
    signal.pause()


TOOLS = {
    "echo": lambda: None,
    "pid": lambda: None,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "exits": lambda: os._exit(0),
    "hangs": hang,
    "drips": drip,
    "line": line,
    "half": half,
    "noise": noise,
    "bytes": bytes_of_nothing,
    "stderr": stderr,
    "roars": roar,
    "roared": lambda: None,
    "stays": stay,
    "deaf": deaf,
}


def answer(method, params):
    if method == "initialize":
        info = {"name": "faulty", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]}
    if method == "tools/call":
        TOOLS[params["name"]]()
        said = {"pid": os.getpid(), "roared": roared}.get(params["name"], "done")
        return {"content": [{"type": "text", "text": str(said)}]}
    return None


def main():
    if START == "page":
        write("<!doctype html><title>Welcome</title>\n")
        signal.pause()
    if START:
        TOOLS[START]()
    for request in map(json.loads, sys.stdin):
        if "id" not in request:
            continue
        result = answer(request["method"], request.get("params") or {})
        told = {"result": result} if result else {"error": {"code": -32601, "message": "no such method"}}
        write(json.dumps({"jsonrpc": "2.0", "id": request["id"], **told}) + "\n")
    while stubborn:
        signal.pause()


main()

"""A stdio MCP server without the SDK that misbehaves on request: python scripted_server.py '{"mute": true}'."""

import json
import os
import signal
import subprocess
import sys
import time

SETTINGS = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
ECHO = {"name": "echo", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
LINES = SETTINGS.get("lines", {})
"""What to write, by method, instead of an answer; %ID% is the request's."""
TOOLS = SETTINGS.get("tools", [ECHO])


GREEDY = "held = bytearray(b'x' * (60 << 20)); import signal; signal.pause()"


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def orphan():
    child = subprocess.Popen([sys.executable, "-S", "-c", "import signal; signal.pause()"])
    return str(child.pid)


def grow():
    held = [bytearray(b"x" * (1 << 20)) for _ in range(60)]
    for _ in range(4):
        subprocess.Popen(
            [sys.executable, "-S", "-c", "held = bytearray(b'x' * (60 << 20)); import signal; signal.pause()"]
        )
    signal.pause()
    return str(len(held))


def fetch(urls):
    """The status of each, by the proxy that the environment names."""
    import urllib.request  # which takes longer than all the rest of a start

    found = []
    for url in urls:
        try:
            found.append(urllib.request.urlopen(url, timeout=60).status)  # noqa: S310  urls of the test
        except urllib.error.HTTPError as error:
            found.append(error.code)
    return json.dumps(found)


def call(name, arguments):
    if name == "exit":
        os._exit(0)
    if name == "garbage":
        sys.stdout.write("Traceback: password=hunter2\n")
    if name == "sleep":
        time.sleep(arguments["seconds"])
    answers = {
        "env": lambda: json.dumps(dict(os.environ)),
        "pid": lambda: str(os.getpid()),
        "big": lambda: "x" * arguments["bytes"],
        "orphan": orphan,
        "grow": grow,
        "fetch": lambda: fetch(arguments["urls"]),
    }
    return answers.get(name, lambda: name)()


def answer(method, params):
    if method == "initialize":
        info = {"name": "scripted", "version": "1"}
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": info}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": call(params["name"], params.get("arguments") or {})}]}
    return None


if SETTINGS.get("mute"):
    sys.stdin.read()
if SETTINGS.get("floods"):
    sys.stdout.write("[" * (9 << 20))
if SETTINGS.get("eats"):
    grow()
if SETTINGS.get("dies"):
    sys.exit("no")
for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    if request["method"] in LINES:
        sys.stdout.write("".join(f"{each}\n" for each in LINES[request["method"]]).replace("%ID%", str(request["id"])))
        sys.stdout.flush()
        continue
    result = answer(request["method"], request.get("params") or {})
    if result is None:
        say({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "no such method"}})
    else:
        say({"jsonrpc": "2.0", "id": request["id"], "result": result})

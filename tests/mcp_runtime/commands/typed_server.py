"""A small MCP server that fits into a command: what an administrator might type."""

import shlex

SERVER = """
import json, os, sys
def told(name):
    if name == "env":
        return json.dumps(dict(os.environ))
    if name == "reach":
        import urllib.request
        try:
            return urllib.request.urlopen(os.environ["PLACE"], timeout=20).read().decode()
        except OSError as error:
            return "refused: " + str(error)
    return json.dumps(sys.argv[1:])
TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("argv", "env", "reach")]
for line in sys.stdin:
    asked = json.loads(line)
    method, given = asked.get("method"), asked.get("params", {})
    if method == "initialize":
        answer = {"protocolVersion": given["protocolVersion"], "capabilities": {"tools": {}},
                  "serverInfo": {"name": "typed", "version": "1"}}
    elif method == "tools/list":
        answer = {"tools": TOOLS}
    elif method == "tools/call":
        answer = {"content": [{"type": "text", "text": told(given["name"])}]}
    elif "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32601, "message": "?"}}), flush=True)
        continue
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": answer}), flush=True)
"""
LINE = f"python3 -I -c {shlex.quote(f'exec({SERVER!r})')}"
"""In one line, as it has to be typed."""

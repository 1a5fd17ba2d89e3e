"""The last step inside a sandbox that may reach hosts: hand out listeners made in its network, become the server.

``hand_out.py CONTROL ADDRESS:PORT … -- COMMAND…``. A socket stays in the network that it was made in: whoever holds
the listener outside accepts what is dialled in here, and nothing else in here leads out. A program of its own, run
with ``python -I -S``: it imports nothing of ours.
"""

import os
import socket
import sys


def main(control_fd: int, places: list[str], command: list[str]) -> None:
    with socket.socket(fileno=control_fd) as control:
        listeners = [listening(*place.rsplit(":", 1)) for place in places]
        socket.send_fds(control, [b"listeners"], [each.fileno() for each in listeners])
        if control.recv(1) != b"k":
            sys.exit("nobody took the listeners")
        for each in listeners:
            each.close()
    # The control socket is closed before the server runs, so that it has nothing to say to us but MCP.
    os.execvp(command[0], command)  # noqa: S606


def listening(address: str, port: str) -> socket.socket:
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, int(port)), family=kind, backlog=64)


if __name__ == "__main__":
    at = sys.argv.index("--")
    main(int(sys.argv[1]), sys.argv[2:at], sys.argv[at + 1 :])

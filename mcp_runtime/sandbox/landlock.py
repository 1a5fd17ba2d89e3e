"""The reduced sandbox, where namespaces cannot be had: shut oneself in, then become the server.

``landlock.py '{"read": […], "write": […], "limits": {…}, …}' COMMAND…``: files by allow-list, no signal to a process
outside, no socket at all. It lacks a process table of its own, and limits of memory that hold for all processes
together. A program of its own, run with ``python -I -S``: it imports nothing of ours.
"""

import ctypes
import json
import os
import resource
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # alike on all architectures
PATH_BENEATH = 1
NO_NEW_PRIVS, SET_SECCOMP, SECCOMP_FILTER, PARENT_DEATH, SUBREAPER = 38, 22, 2, 1, 36

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READ = EXECUTE | READ_FILE | READ_DIR
# What each version brought for files: https://docs.kernel.org/userspace-api/landlock.html
FILES_SINCE = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14 | 1 << 15
BIND_AND_CONNECT = 3
SIGNALS_AND_ABSTRACT_SOCKETS = 3
NEEDED = 6
"""Older ones do not keep it from ending Usher itself by a signal."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")

libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """Of Landlock in this kernel; 0 when there is none."""
    return max(int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)), 0)


def shut_in(read: list[str], write: list[str]) -> None:
    """From here on only these paths, for this process and all that it starts; raises OSError."""
    files = sum(rights for since, rights in FILES_SINCE.items() if since <= version())
    asked = struct.pack("=QQQ", files, BIND_AND_CONNECT, SIGNALS_AND_ABSTRACT_SOCKETS)
    ruleset = call(CREATE_RULESET, asked, ctypes.c_size_t(len(asked)), 0)
    for paths, rights in ((read, READ), (write, files), (DEVICES, READ_FILE | WRITE_FILE)):
        for path in paths:
            allow(ruleset, path, rights & files)
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # it is not there, or not any more
        return
    if not os.path.isdir(path):  # noqa: PTH112  pathlib would double the time to start
        rights &= OF_A_FILE
    call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def become(account: int) -> None:
    """Root could undo what follows, and no limit on processes would hold for it."""
    os.setgroups([])
    os.setresgid(account, account, account)
    os.setresuid(account, account, account)


def load_filter(program: bytes) -> None:
    """A system-call filter, for good."""
    text = ctypes.create_string_buffer(program, len(program))
    prctl(SET_SECCOMP, SECCOMP_FILTER, struct.pack("@HP", len(program) // 8, ctypes.addressof(text)))


def emptied(descriptor: int) -> bytes:
    with open(descriptor, "rb") as file:
        return file.read()


def call(number: int, *arguments: object) -> int:
    return checked(libc.syscall(number, *arguments))


def prctl(option: int, *arguments: object) -> int:
    return checked(libc.prctl(option, *arguments, *[0] * (4 - len(arguments))))


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def main(wanted: dict, command: list[str]) -> None:  # type: ignore[type-arg]
    pairs = emptied(wanted["environment"]).decode().split("\0")[:-1]
    program = emptied(wanted["seccomp"])
    if "account" in wanted:
        become(wanted["account"])
    prctl(PARENT_DEATH, 9)  # it is forgotten when the account changes, so not before
    prctl(SUBREAPER, 1)  # what its parent leaves behind stays below the program, where it is counted
    prctl(NO_NEW_PRIVS, 1)
    os.nice(wanted["yields"])
    for name, limit in wanted["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    shut_in(wanted["read"], wanted["write"])
    load_filter(program)
    given = wanted["own"] | dict(zip(pairs[::2], pairs[1::2], strict=True))
    os.execvpe(command[0], command, given)  # noqa: S606


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])

"""Run as root, before bwrap: become nobody, in namespaces where the folders to be shown can still be reached.

``enter.py FOLDER… -- COMMAND…`` gives the command each folder as ``/mnt/0``, ``/mnt/1`` … and nothing of root:
no limit on processes holds for root, and who is nobody cannot pass a private home to reach the interpreter in it.
A program of its own, run with ``python -I -S``: it imports nothing of ours.
"""

import ctypes
import os
import sys

NOBODY = 65534
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x80000
# Root of the new namespace is nobody outside; all other accounts are known in it, so that its root may pass
# their folders. What it runs gets a namespace below this one, which knows none of them.
MAP = f"0 {NOBODY} 1\n1 0 {NOBODY}\n"
SHOWN = "/mnt"

libc = ctypes.CDLL(None, use_errno=True)


def main(folders: list[str], command: list[str]) -> None:
    unshare_as_nobody()
    mount(None, "/", None, MS_REC | MS_SLAVE)
    mount("tmpfs", SHOWN, "tmpfs", 0)
    for number, folder in enumerate(folders):
        place = f"{SHOWN}/{number}"
        if os.path.isdir(folder):  # noqa: PTH112  pathlib would cost more than all else here
            os.mkdir(place)  # noqa: PTH102
        else:
            os.close(os.open(place, os.O_CREAT))
        mount(folder, place, None, MS_BIND | MS_REC)
    os.execvp(command[0], command)  # noqa: S606


def unshare_as_nobody() -> None:
    """A namespace's map is written from outside of it: by a child, made before we go in."""
    inside, entered = os.pipe()
    us, writer = os.getpid(), os.fork()
    if writer == 0:
        os.close(entered)
        write_maps(us) if os.read(inside, 1) else None
        os._exit(0)
    os.close(inside)
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS))
    os.write(entered, b"x")
    os.close(entered)
    if os.waitpid(writer, 0)[1] != 0:
        sys.exit("the accounts of the sandbox could not be mapped")
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def write_maps(pid: int) -> None:
    try:
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{pid}/{name}", "w") as file:  # noqa: PTH123
                file.write(MAP)
    except OSError:
        os._exit(1)


def mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [word.encode() if word else None for word in (source, target, kind)]
    check(libc.mount(*words, ctypes.c_ulong(flags), None))


def check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    at = sys.argv.index("--")
    main(sys.argv[1:at], sys.argv[at + 1 :])

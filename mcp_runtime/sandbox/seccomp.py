"""The system calls that a sandboxed server has no business with, as a filter that the kernel takes."""

import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from errno import EAFNOSUPPORT, ENOSYS, EPERM

# Classic BPF: https://docs.kernel.org/userspace-api/seccomp_filter.html
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
X32_CALLS = 0x40000000

CLONE_NEWUSER = 0x10000000
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # both type into the terminal of whoever started us
SOL_SOCKET = 1
BUFFERS = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF and their FORCE: memory that counts for no process
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16

# name: (x86_64, aarch64); None where the architecture has no such call
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory, and tracing
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "userfaultfd": (323, 282),
    # namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # memory that belongs to no process, so that no limit but a cgroup's counts it
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    # large or seldom-tested parts of the kernel
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "personality": (135, 92), "modify_ldt": (154, None),
    # the machine itself
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "vhangup": (153, 58), "iopl": (172, None), "ioperm": (173, None),
}  # fmt: skip

# Where other processes of the account can be named, these would end or starve Usher itself: by a limit of CPU
# time, say. Landlock keeps signals in, and knows nothing of them.
OF_OTHERS: dict[str, tuple[int, int]] = {"setpriority": (141, 140), "ioprio_set": (251, 30)}
OF_A_PROCESS: dict[str, tuple[int, int]] = {
    "prlimit64": (302, 261), "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274),
}  # fmt: skip
"""By their first argument; 0 is who calls."""
ON_ITS_OWN: dict[str, tuple[int, int]] = {"setsid": (112, 157), "setpgid": (109, 154)}
"""What left its group would outlive its program, with nobody to count it; whoever asks is told that it is done."""


@dataclass(frozen=True)
class Architecture:
    audit: int
    column: int
    clone: int
    clone3: int
    ioctl: int
    socket: int
    setsockopt: int


X86_64, AARCH64 = 0xC000003E, 0xC00000B7
ARCHITECTURES = {
    "x86_64": Architecture(X86_64, 0, clone=56, clone3=435, ioctl=16, socket=41, setsockopt=54),
    "aarch64": Architecture(AARCH64, 1, clone=220, clone3=435, ioctl=29, socket=198, setsockopt=208),
}


def is_known(machine: str | None = None) -> bool:
    """Whether there is a filter for it."""
    return (machine or platform.machine()) in ARCHITECTURES


Steps = list[tuple[int, int, int, int]]  # code, jump if true, jump if false, operand


def seccomp_filter(
    *, sockets: Iterable[int] = (AF_UNIX,), machine: str | None = None, sees_others: bool = False
) -> bytes:
    """The filter as `bwrap --seccomp` takes it; only these socket families can be opened.

    ``sees_others``: there is no table of processes of its own, so what changes others is refused as well.

    Raises KeyError for a machine that has no table: then run without, and say so.
    """
    arch = ARCHITECTURES[machine or platform.machine()]
    steps: Steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, arch.audit),
        (RETURN, 0, 0, KILL),  # 32-bit calls have other numbers
        (LOAD, 0, 0, NUMBER),
    ]
    if arch.audit == X86_64:
        steps += [(JUMP_AT_LEAST, 0, 1, X32_CALLS), (RETURN, 0, 0, ERRNO | EPERM)]
    for numbers in FORBIDDEN.values():
        if (number := numbers[arch.column]) is not None:
            steps += on(number, [(RETURN, 0, 0, ERRNO | EPERM)])
    if sees_others:
        for refused in OF_OTHERS.values():
            steps += on(refused[arch.column], [(RETURN, 0, 0, ERRNO | EPERM)])
        for bounded in OF_A_PROCESS.values():
            steps += on(bounded[arch.column], allow_values(argument(0), (0,), EPERM))
        for pretended in ON_ITS_OWN.values():
            steps += on(pretended[arch.column], [(RETURN, 0, 0, ERRNO)])
    # Its flags are behind a pointer, out of sight; without it the C library goes back to clone.
    steps += on(arch.clone3, [(RETURN, 0, 0, ERRNO | ENOSYS)])
    steps += on(arch.clone, refuse_bits(CLONE_NEWUSER))
    steps += on(arch.ioctl, refuse_values(argument(1), (TIOCSTI, TIOCLINUX)))
    steps += on(arch.socket, allow_values(argument(0), sockets))
    steps += on(arch.setsockopt, leave_as_it_is(SOL_SOCKET, BUFFERS))
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in steps)


def argument(index: int) -> int:
    return 16 + 8 * index  # the low half, on the little-endian machines that we know


def on(number: int, body: Steps) -> Steps:
    """The body, which ends with a RETURN, for this call; every other call steps over it."""
    return [(JUMP_EQUAL, 0, len(body), number), *body]


def refuse_bits(bits: int) -> Steps:
    return [
        (LOAD, 0, 0, argument(0)),
        (JUMP_ANY_BIT, 0, 1, bits),
        (RETURN, 0, 0, ERRNO | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def refuse_values(where: int, values: Iterable[int]) -> Steps:
    tests = [step for value in values for step in ((JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ERRNO | EPERM))]
    return [(LOAD, 0, 0, where), *tests, (RETURN, 0, 0, ALLOW)]


def leave_as_it_is(level: int, options: Iterable[int]) -> Steps:
    """The caller is told that it was set: what asks for a larger buffer does well with the usual one."""
    tests = [step for value in options for step in ((JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ERRNO))]
    return [
        (LOAD, 0, 0, argument(1)),
        (JUMP_EQUAL, 1, 0, level),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, argument(2)),
        *tests,
        (RETURN, 0, 0, ALLOW),
    ]


def allow_values(where: int, values: Iterable[int], error: int = EAFNOSUPPORT) -> Steps:
    tests = [step for value in values for step in ((JUMP_EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW))]
    return [(LOAD, 0, 0, where), *tests, (RETURN, 0, 0, ERRNO | error)]

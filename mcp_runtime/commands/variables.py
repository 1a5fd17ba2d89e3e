"""Names of variables that an administrator may give to a program: none that changes what runs, or how it is held."""

import re

MOST, LONGEST = 20, 500
NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
TAKEN = re.compile(
    r"PATH|HOME|TMPDIR|TEMP|TMP|LANG|ENV|IFS|PS4|SHELL|SHELLOPTS|CDPATH|USER|LOGNAME|PWD|OLDPWD|LOCPATH|NLSPATH"
    r"|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|GCONV_PATH|CLASSPATH|REQUESTS_CA_BUNDLE|EDITOR|VISUAL|PAGER|BROWSER"
    r"|_|_?JAVA_(TOOL_)?OPTIONS|JDK_\w+"
    # What the loader, an interpreter or a library would be led astray by, and how it finds its way out.
    r"|(LD|DYLD|BASH|NODE|NPM|UV|PIP|GEM|LUA|PHP|GIT|SSL|OPENSSL|CURL|GLIBC|MALLOC|USHER)_\w*"
    r"|(PYTHON|PERL|RUBY)\w*|\w*_PROXY"
)
SECRET = re.compile(r"\w*(TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIAL)\w*")

NO_NAME = "“{}” is no name of a variable: it is of capital letters, digits and _, such as WIKI_URL."
NOT_YOURS = "{} decides how programs run here, so it cannot be given. Leave it out."
TWICE = "{} is named twice."
BELONGS_TO_SECRETS = "{} looks like a secret: name it under “Secrets”. I ask for its value on a page of its own."
NO_VALUE = "Write each as NAME=value, one a line. “{}” has no value."
BAD_VALUE = f"The value of {{}} is one line of at most {LONGEST} characters."
TOO_MANY = f"At most {MOST} of them."


def name_complaint(name: str) -> str | None:
    if not NAME.fullmatch(name):
        return NO_NAME.format(name[:60])
    return NOT_YOURS.format(name) if TAKEN.fullmatch(name) else None


def plain(lines: list[str]) -> tuple[tuple[str, str], ...]:
    """From ``NAME=value`` lines; raises ValueError with what to tell."""
    found = dict[str, str]()
    for line in lines:
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if complaint := name_complaint(name):
            raise ValueError(complaint)
        if not equals or not value:
            raise ValueError(NO_VALUE.format(name))
        if SECRET.fullmatch(name):
            raise ValueError(BELONGS_TO_SECRETS.format(name))
        if len(value) > LONGEST or not value.isprintable():
            raise ValueError(BAD_VALUE.format(name))
        _once(name, found)
        found[name] = value
    return tuple(found.items())


def named(lines: list[str]) -> tuple[str, ...]:
    """From names alone; raises ValueError with what to tell."""
    found = dict[str, str]()
    for name in lines:
        if complaint := name_complaint(name.strip()):
            # What may be a secret itself, typed in the wrong place, is not said again.
            raise ValueError(complaint if NAME.fullmatch(name.strip()) else NO_NAME.format("…"))
        _once(name.strip(), found)
        found[name.strip()] = ""
    return tuple(found)


def _once(name: str, found: dict[str, str]) -> None:
    if name in found:
        raise ValueError(TWICE.format(name))
    if len(found) == MOST:
        raise ValueError(TOO_MANY)

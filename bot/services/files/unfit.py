"""Why a file is not read, as it comes out of the process that looked into it."""


class Unfit(Exception):
    """``told`` says why, for the one who sent it."""

    def __init__(self, code: str, **values: int) -> None:
        super().__init__(code)
        self.told = {"refused": code, "values": values}

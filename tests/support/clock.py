"""A clock for what is given one: it stands still, however long a test takes."""


class Clock:
    """Seconds, as often as ``now`` is set."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

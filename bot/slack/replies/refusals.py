"""Why Slack takes no words into a streamed message."""


class StoppedByMember(Exception):
    """The stop button was pressed: Slack takes no more of this."""


class CannotStream(Exception):
    """Slack opens no stream here, or not now."""


class Later(Exception):
    """Slack wants a pause."""


class Gone(Exception):
    """The message was taken away before any word stood in it."""

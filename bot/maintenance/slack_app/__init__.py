"""`usher slack`: the Slack app made and installed from its manifest, and brought up to it."""

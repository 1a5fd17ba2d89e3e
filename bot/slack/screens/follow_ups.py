"""What is said once to a reply that mentions nobody."""

HOW_TO_GO_ON = (
    "In channels I read only what mentions me, so I do not answer this. To go on, mention me again in this thread; "
    "in a direct message with me you need no mention."
)

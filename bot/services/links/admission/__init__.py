"""Who may start on a link: whoever has it, whoever knows its passcode, or the one person it is addressed to."""

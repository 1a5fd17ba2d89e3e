"""What servers ask people in the middle of a call: forms, pages, several rounds of both."""

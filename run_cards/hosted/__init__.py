"""Services that others host: reached over HTTP, with the member's own sign-in or token."""

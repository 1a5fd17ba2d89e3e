"""Between HTTP and the pages: addresses, guards, cookies, headers, answers and static files."""

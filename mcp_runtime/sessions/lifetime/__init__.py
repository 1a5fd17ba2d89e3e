"""How long a session is there: opened once for all who wait, held by one task, left alone after failures, closed."""

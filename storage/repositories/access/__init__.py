"""Who calls from outside: access tokens, and requests that are sent twice."""

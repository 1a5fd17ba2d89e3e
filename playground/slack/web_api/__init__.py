"""The Web API over HTTP: methods, scopes, rate limits."""

"""PostgreSQL's own second wall between workspaces: a forgotten condition shows nothing, instead of others' rows."""

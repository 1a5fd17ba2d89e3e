"""SQLite and PostgreSQL, made to keep the same promises."""

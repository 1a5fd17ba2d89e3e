"""How the process works: turns taken, jobs done, the database opened, logs written."""

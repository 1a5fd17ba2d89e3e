"""One file a revision, in the order of their numbers; a folder for those that would make this one too full."""

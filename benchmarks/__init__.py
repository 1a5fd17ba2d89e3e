"""What Usher costs, each figure beside its baseline from the same run."""

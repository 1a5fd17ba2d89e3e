"""Tools as the agent sees them: pinned, named, allowed or asked for, their results bounded."""

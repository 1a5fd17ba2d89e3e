"""What the model costs: looked at, and limited by administrators."""

"""Work to be done once, tickets for one act, rates, and what was handled already."""

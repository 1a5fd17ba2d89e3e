"""Work that is due once, tickets for one act, rates, and what was handled already; turns are with conversations."""

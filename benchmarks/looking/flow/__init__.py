"""Does what strangers wrote go on to somebody else unasked? Two hundred injected results, and twenty usual turns."""

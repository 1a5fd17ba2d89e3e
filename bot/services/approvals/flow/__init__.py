"""Where what a call would send comes from: strangers' words that would go on to somebody else are asked about."""

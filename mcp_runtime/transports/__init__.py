"""How bytes get to a server and back: bounded, watched, and mended where the SDK is too strict."""

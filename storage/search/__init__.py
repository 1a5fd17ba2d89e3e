"""Finding again what was remembered, alike on both databases and without an extension: words, vectors, rankings."""

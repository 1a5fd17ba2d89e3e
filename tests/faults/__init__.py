"""What a bad server can do, what its member reads of it, and that nobody else notices."""

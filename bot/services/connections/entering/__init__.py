"""How secrets come to a connection: entered on a page, anew when they are refused, or followed from where they are."""

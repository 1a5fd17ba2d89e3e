"""How long it takes to find one row, or what is meant, among very many."""

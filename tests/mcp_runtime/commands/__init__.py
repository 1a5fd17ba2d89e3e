"""Commands of administrators' own."""

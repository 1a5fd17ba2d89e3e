"""A question is answered: decided, changed, asked why; and what was allowed beforehand is taken back."""

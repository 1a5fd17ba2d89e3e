"""One repository an aggregate: questions and changes in the product's words."""

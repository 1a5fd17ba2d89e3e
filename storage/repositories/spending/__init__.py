"""What is spent on the model: budgets, and what each request took."""

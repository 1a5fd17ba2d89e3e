"""What administrators see to, beside what is spent."""

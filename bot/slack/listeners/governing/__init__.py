"""What administrators see to: what is spent, who may ask, and the audit."""

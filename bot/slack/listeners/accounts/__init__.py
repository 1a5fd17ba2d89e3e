"""Accounts: what ends with them, and the tokens that act for them."""

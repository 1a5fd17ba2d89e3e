"""Whole Ushers under load while what they stand on fails, and what that did to what people asked."""

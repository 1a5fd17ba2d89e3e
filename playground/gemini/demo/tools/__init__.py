"""Any server's tools by their declarations: which one is meant, and with which arguments."""

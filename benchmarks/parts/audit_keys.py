"""Keys for the audit of a benchmark's own database."""

from storage.repositories.workspaces.audit_chain import AuditKeys

AUDIT_KEYS = AuditKeys({"of-benchmarks": b"k" * 32})

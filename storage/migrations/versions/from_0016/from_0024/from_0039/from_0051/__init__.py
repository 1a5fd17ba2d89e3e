"""Revisions from 0039 on."""

"""Revisions from 0016 on."""

"""Turns are claimed by this process, fairly, run under a lease, and shown by the face of their door."""

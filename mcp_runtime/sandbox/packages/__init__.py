"""Packages of programs that others wrote: installed once, pinned with hashes, before anything is called."""

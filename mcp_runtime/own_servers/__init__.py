"""Small MCP servers of our own, for services that no well-kept server fits: each a program that runs in the sandbox.

They import nothing of the product, and nothing of it imports them: inside a sandbox there is no more than this folder.
"""

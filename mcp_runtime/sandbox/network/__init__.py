"""The one way out of a sandbox: listeners made inside it, served from outside, to hosts that were named."""

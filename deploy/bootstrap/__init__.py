"""Makes Usher ready to run on a machine as it is: standard library alone, since it runs before anything is there."""

"""Who may ask besides the workspace's own members: nobody, until an administrator says so."""

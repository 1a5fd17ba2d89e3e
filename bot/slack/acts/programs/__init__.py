"""Programs that act for members: who vouches for these, and what Slackbot passes on."""

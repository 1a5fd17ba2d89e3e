"""What servers written by hand get wrong, put right before the SDK looks: it refuses an answer for one bad member."""

"""What is shown beside answers: where they come, what is taken up when, and what is asked about a message."""

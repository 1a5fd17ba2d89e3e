"""What is watched for: attacks on guests' pages, and what should not pass in what is said."""

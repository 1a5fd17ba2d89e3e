"""What members' conversations have that guests' have not: threads of others, tools and files of their own."""

"""What people keep in Notion: its exports read as they are, its API asked politely."""

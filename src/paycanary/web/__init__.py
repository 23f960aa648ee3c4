"""The pages: HTML that works without JavaScript, Korean first."""

"""Verdicts as files that travel alone: one content (`blocks`), written as Markdown, HTML, PDF, a picture or a post for a blog."""

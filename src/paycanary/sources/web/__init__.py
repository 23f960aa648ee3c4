"""Asking public services politely: keys, HTTP, a day's quota, and answers kept so that nothing is asked twice."""

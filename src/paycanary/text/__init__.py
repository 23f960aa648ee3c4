"""Reads what auditors and companies write: which kinds of statement a text makes, sentence by sentence."""

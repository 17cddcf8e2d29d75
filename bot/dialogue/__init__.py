"""Dialogue, pure: a conversation and what was heard in, the new conversation and what to say out."""

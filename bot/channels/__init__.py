"""Channels: where patients write. Each turns its own messages into ``Inbound`` and replies into its own form; none
knows medicine."""

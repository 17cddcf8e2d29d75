"""The store: everything that is remembered, in one Redis."""

"""Triage, pure: facts about a patient in, the level of care and the reasons out."""

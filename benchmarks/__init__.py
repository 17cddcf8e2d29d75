"""Measurements. ``python -m benchmarks`` runs all; a subject's name runs that one alone."""

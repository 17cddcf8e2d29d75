"""Content: YAML files as typed, checked objects; the prover; the graph."""

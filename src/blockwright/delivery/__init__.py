"""Checkpoint and preprocessing in; bundle, competition folder, notebook, submission out."""

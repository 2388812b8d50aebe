"""Blockwright: a self-hosted deep-learning studio that needs no code."""

"""Intake, statistics, subsets, versions, reading batches.

Never   drops, reorders or guesses: what is not taken is in the import report.
"""

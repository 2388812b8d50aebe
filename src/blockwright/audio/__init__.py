"""Decode, resample, log-mel: arrays in, arrays out.

Never   touches a database, a table or a model.
"""

"""Plan and batches in, checkpoints and events out.

Never   opens the database (but for `service`, which the server uses) or speaks HTTP.
"""

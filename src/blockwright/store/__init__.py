"""SQL tables, migrations, the queue's rows, the log of live events, and files.

Takes   contracts; gives transactions, rows and file places.
Never   decides what a dataset, a run or a graph means: that is the rooms' business.
"""

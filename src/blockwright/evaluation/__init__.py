"""What a checkpoint does on a subset: numbers first, drawing elsewhere.

Takes   a built model with weights, a reader of a frozen version, a subset.
Gives   plain records: overall and per class, beside what guessing would give.
Never   draws, trains or opens the database.
"""

"""The graph document: block catalogue with parameter cards, shapes, checks, repairs, edits.

Takes   a document and the schema of a dataset version; gives an analysis in a millisecond.
Never   imports Keras: `compiler` builds what is described here, and a golden test
        holds the two together.
"""

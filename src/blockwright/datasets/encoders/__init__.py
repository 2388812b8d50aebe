"""How values of each type become numbers.

`choices` says what is possible and what shape comes of it and imports nothing heavy; the
others work on whole columns: `numeric`, `classes`, `text`, `images`, `audio`, and `gaps`
for rows without a value.
"""

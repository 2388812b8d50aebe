"""Types that cross a border: ids, problems, plans, requests, replies, live events.

Takes   nothing of ours; imports only Pydantic and the standard library.
Gives   one vocabulary to the server, the workers, the command line and the browser.
Never   holds behaviour beyond validation and wording.
"""

"""HTTP routes by room, live events, errors as JSON, the built UI.

Never   imports Keras; never answers with another error shape than `ErrorBody`.
"""

"""A page on 127.0.0.1 that shows the doubles and lets people act in them.

`server` serves it, `guard` checks requests, `stream` sends the page all changes, and
`deeds` executes what people do on it. The page's files in ``static/`` are built from
``web/``.
"""

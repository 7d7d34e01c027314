"""The doubles in a browser: a page on 127.0.0.1 that shows them, and their strings.

`server` lets in who has the address, `stream` tells the page what changes, `deeds`
does what people do on it. The page itself is built from ``web/`` into ``static/``.
"""

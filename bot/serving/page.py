"""Pages for a person's browser: plain, without scripts, and not cached."""

from __future__ import annotations

from aiohttp import web

NOWHERE = "'none'"
PAGE_STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; margin: 0; display: grid;
       place-items: center; min-height: 100vh; background: #f6f5f3; color: #1d1c1d; }
main { background: #fff; border: 1px solid #dcdad6; border-radius: 12px;
       padding: 2rem 2.25rem; max-width: 28rem; margin: 1rem; }
h1 { font-size: 1.35rem; margin: 0 0 .75rem; }
button { font: inherit; font-weight: 600; color: #fff; background: #0b5d46; border: 0;
         border-radius: 8px; padding: .65rem 1.2rem; cursor: pointer; }
button:focus-visible { outline: 3px solid #7fb8a4; outline-offset: 2px; }
a { color: #0b5d46; }
.small { font-size: .9rem; color: #616061; }
@media (prefers-color-scheme: dark) {
  body { background: #1a1d21; color: #e8e8e8; }
  main { background: #222529; border-color: #3a3d42; }
  button { background: #2a8f6f; } .small { color: #ababad; } a { color: #2a8f6f; }
}
"""


def page(
    title: str, body: str, *, status: int = 200, forms: str = NOWHERE
) -> web.Response:
    """Return a page. *body* is HTML, already escaped; *forms* is its ``form-action``."""
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{PAGE_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    answer = web.Response(text=text, status=status, content_type="text/html")
    return sealed(answer, forms=forms)


def sealed(answer: web.Response, *, forms: str = NOWHERE) -> web.Response:
    """Set headers so that browsers do not cache, frame or name the page as a referrer."""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
        f"base-uri 'none'; form-action {forms}"
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = policy
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer

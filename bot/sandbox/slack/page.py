"""The page on which a person installs the app, for a real browser."""

from __future__ import annotations

from html import escape

from aiohttp import web

from bot.sandbox.slack.answers import Problem
from bot.sandbox.slack.oauth import InstallRequest, OAuth

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto;
       padding: 0 1rem; color: #1d1c1d; background: #fff }
fieldset { border: 1px solid #bbb; border-radius: 6px; margin: 1rem 0 }
label { display: block } select { font: inherit; width: 100% }
button { font: inherit; padding: .5rem 1.5rem; border-radius: 6px; margin-right: 1rem;
         border: 1px solid #611f69; background: #fff }
button[value=allow] { background: #611f69; color: #fff }
"""
BAD_REQUEST = 400


async def show(oauth: OAuth, request: web.Request) -> web.Response:
    """Show what the app asks for, and who could install it."""
    try:
        asked = oauth.read(request.query)
    except Problem as problem:
        return _refused(problem)
    name = oauth.open(asked)
    return _page(f"Add {oauth.app.name}", _form(oauth, asked, name))


async def answer(oauth: OAuth, request: web.Request) -> web.Response:
    """Read the form, and redirect the browser to the app."""
    form = {
        name: [str(value) for value in (await request.post()).getall(name)]
        for name in await request.post()
    }

    def first(name: str) -> str:
        return form.get(name, [""])[0]

    try:
        if first("choice") != "allow":
            where = oauth.deny(first("page"))
        else:
            wanted = set(form.get("asked", [])) - set(form.get("scope", []))
            where = oauth.allow(
                first("page"), first("place"), first("person"), tuple(wanted)
            )
    except Problem as problem:
        return _refused(problem)
    return web.Response(status=302, headers={"Location": where, **HEADERS})


def _form(oauth: OAuth, asked: InstallRequest, name: str) -> str:
    app = escape(oauth.app.name)
    scopes = "".join(
        f'<input type="hidden" name="asked" value="{escape(one)}"><label><input '
        f'type="checkbox" name="scope" value="{escape(one)}" checked> '
        f"<code>{escape(one)}</code></label>"
        for one in asked.scopes
    )
    return f"""
<h1>{app} wants to be added</h1>
<p>This is the sandbox's Slack: no real workspace hears of it.</p>
<form method="post" action="/oauth/v2/authorize">
<input type="hidden" name="page" value="{escape(name)}">
<fieldset><legend>Where</legend><select name="place">{_places(oauth, asked)}</select>
</fieldset>
<fieldset><legend>Who are you?</legend><select name="person">{_people(oauth)}</select>
</fieldset>
<fieldset><legend>{app} will be able to</legend>{scopes}</fieldset>
<button name="choice" value="allow">Allow</button>
<button name="choice" value="cancel">Cancel</button>
</form>"""


def _places(oauth: OAuth, asked: InstallRequest) -> str:
    found = [(team, space.workspace.name) for team, space in oauth.app.spaces.items()]
    if oauth.is_org_ready:
        found += [
            (one.id, f"{one.name}, the whole organization")
            for one in oauth.app.enterprises.values()
        ]
    return "".join(
        f'<option value="{escape(place)}"{" selected" * (place == asked.team)}>'
        f"{escape(name)}</option>"
        for place, name in found
    )


def _people(oauth: OAuth) -> str:
    names = {
        user.id: user.real_name
        for space in oauth.app.spaces.values()
        for user in space.workspace.users
        if not user.is_bot and not user.deleted
    }
    return "".join(
        f'<option value="{escape(user)}">{escape(name)}</option>'
        for user, name in names.items()
    )


def _refused(problem: Problem) -> web.Response:
    word = escape(problem.word)
    return _page("Something went wrong", f"<h1>{word}</h1>", status=BAD_REQUEST)


def _page(title: str, body: str, status: int = 200) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>{STYLE}</style><main>{body}</main></html>"
    )
    return web.Response(
        status=status, text=text, content_type="text/html", headers=HEADERS
    )

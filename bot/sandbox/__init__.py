"""Doubles of Slack and RingCentral over real HTTP, for the demo and the tests.

They import nothing of the bot and know only the requests that it sends.

`RingCentralDouble` (`ringcentral/double.py`) has, beside calls and stories:

- `add_person(name)`, `person(name)`: people, each with an extension, phones, caller
  IDs, a call log and rate limits. ``service`` is the user of the operator's JWT.
- `sign_in(url, person, deny=…)`: acts as the browser on the sign-in page and returns
  the address it is redirected to. `logins.redirect_uris` and `logins.is_public` are
  parts of the app's registration.
- `jwt_of(person, client_id=…, lives=…)`, `revoke_jwts`: personal JWT credentials.
- `expire_access`, `end_sessions`, `disable`, `enable` end sessions;
  `logins.expires_in`, `logins.refresh_expires_in` and `logins.refresh_tokens` set how
  long tokens live.
- `sessions_of`, `sign_ins_of`, `refreshes_of`, `calls_of`, `secrets_of`: what has
  happened. `Seen.person` is the person whose rate budget a request used.

`SlackDouble` (`slack/double.py`) has, beside commands, clicks and messages:

- `add_team(id, name, enterprise, scopes=…)` adds a workspace, `team(ref)` finds one: a
  `SlackTeam`, which can do all that the double does for its first workspace. With
  ``scopes=None`` the app is not installed there. `app.install(enterprise_id, scopes)`
  installs it for a whole organization.
- `install(url, team, person, deny=…, without=…)`: acts as the browser on Slack's page
  and returns the address it is redirected to. See also `app.client_id`,
  `app.client_secret`, `oauth.redirect_urls`, `oauth.code_seconds`, `authorize_url`.
- `uninstall(team)`, `grant_access(team)`, `revoke_access(team)`: each changes the
  installation and sends the app the event.
- `open_home(user, tab)`, `deactivate(user)`, `changed(user)`, `event({…})`: events.
- `modal(user)`, `home_of(user)`, `fill_in(view, {…})`, `submit(view)`,
  `close_view(view)`, `click_in_view(view, action, value=…)`: modals and the Home tab.
  The double applies the bot's answer to a submission; field errors are in
  `View.errors`.
- `rules` of each workspace: scopes, the app's tabs, how long a trigger is valid.
- `calls_of(method, team)`: the calls of one method, such as ``auth.test``.
"""

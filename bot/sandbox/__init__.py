"""Imitations of the two outsiders, over real HTTP: for the demo and for the tests.

They know nothing of the bot: what it sends them has to be right by itself.

Strings of `ringcentral.RingCentralDouble`, beside calls and stories:

- `add_person(name)`, `person(name)`: who has an extension, phones, caller IDs, log and
  limits of their own; ``service`` is the user whose JWT the operator has.
- `sign_in(url, person, deny=…)`: the browser on the sign-in page; returns where it is
  sent back to. `logins.redirect_uris`, `logins.is_public`: how the app is registered.
- `jwt_of(person, client_id=…, lives=…)`, `revoke_jwts`: personal JWT credentials.
- `expire_access`, `end_sessions`, `disable`, `enable`; `logins.expires_in`,
  `logins.refresh_expires_in`, `logins.refresh_tokens`: how sessions end.
- `sessions_of`, `sign_ins_of`, `refreshes_of`, `calls_of`, `secrets_of`: what came of
  it; `Seen.person` says whose budget a request was paid from.

Strings of `slack.SlackDouble`, beside commands, clicks and messages:

- `add_team(id, name, enterprise, scopes=…)`, `team(ref)`: one more workspace, a
  `SlackTeam` with all the strings of the first; with ``scopes=None`` the app is not
  installed. `app.install(enterprise_id, scopes)` installs it for a whole organization.
- `install(url, team, person, deny=…, without=…)`: the browser on Slack's page; returns
  where it is sent back to. `app.client_id`, `app.client_secret`,
  `oauth.redirect_urls`, `oauth.code_seconds`, `authorize_url`.
- `uninstall(team)`, `give_access(team)`, `take_access(team)`: and the app is told.
- `open_home(user, tab)`, `deactivate(user)`, `changed(user)`, `event({…})`: events.
- `modal(user)`, `home_of(user)`, `fill_in(view, {…})`, `submit(view)`,
  `close_view(view)`, `click_in_view(view, action, value=…)`: modals and the Home tab;
  what a submission's answer says is done, complaints are in `View.errors`.
- `rules` of each workspace: scopes, which tabs the app has, how long triggers last.
- `calls_of(method, team)`: how often ``auth.test`` was asked, say, and by whom.
"""

"""RingOut calls from Slack, and how they went: the path of one call.

::

    /ringout +1 415 555 0142
       |
     slack/commands/ringout.py    reads the words; the intent is stored; then the ack
       |
     switchboard.py               may this person, this number, now?
       |
     follow/placer.py             the card, then POST ring-out, once
       |
     follow/follower.py           its status, until RingCentral forgets it (404)
       |
     follow/recorder.py           its call-log record, found by calls/matching.py
       |
     follow/reporter.py           one reply under the card: slack/messages.py

By whose account a call runs is `bot.accounts.registry`; how people get one of their own, from
the link to the revoked token, is `bot.accounts.connecting`, and what they do about it in Slack
`slack/own.py` and `bot.switchboard.own_account`. `bot.workspaces.workspaces` knows which workspaces are served.

`bot.slack` and `bot.ringcentral` never import each other; both speak the values of
`bot.calls`, which is pure. Only `bot.app.bot` sees all sides.
"""

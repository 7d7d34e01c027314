"""RingOut calls from Slack, and how they went: the path of one call.

::

    /ringout +1 415 555 0142
       |
     slack/entrances/commands/    reads the words; the intent is stored; then the ack
       |
     switchboard/calls.py         may this person call this number now?
       |
     follow/placer.py             the card, then POST ring-out, once
       |
     follow/poller.py             its status, until RingCentral forgets it (404)
       |
     follow/recorder.py           its call-log record, found by calls/matching/matching.py
       |
     follow/reporter.py           one reply under the card: slack/texts/reply.py

`follow/follower.py` claims the calls that are due and has the next step of each taken.
`accounts/registry.py` knows whose RingCentral account a call uses; `accounts/connecting.py`
lets people connect their own, from the link in Slack to the stored token, and
`accounts/disconnecting.py` ends it. `workspaces/workspaces.py` knows which Slack workspaces
the bot serves.

The folders, from the top down. No module imports from a folder above its own, and no road
of imports leads from Slack to RingCentral or to the database, or back. The test
`tests/test_layout.py` reads this list.

::

    __main__                what the console script runs
    cli/                    the commands of the command line and their exit codes
    demo/                   the bot between two doubles, in a terminal or a browser
    doctor/                 checks of settings, accounts and database, a line each
    app/                    the assembly: makes all parts and hands them to each other
    reports/                sums over calls, and calls as tables: CSV and JSON Lines
    hooks/                  tells another system what becomes of calls
    steps/                  the workflow step: asks, waits for the call, completes
    after/                  what came of a call: outcomes, notes, reminders
    admin/                  the desk of admins: pause, rules, the list, who did what
    missed/                 tells of missed calls, and who calls back
    switchboard/            what people do, in verbs; each checks whether they may
    workspaces/             installing the app in Slack workspaces, and its removal
    accounts/               connecting RingCentral accounts, keeping, disconnecting them
    cluster/                this process among others on one database
    serving/                the HTTP server: health, metrics, pages for browsers
    follow/                 places a call, follows it, reports: the decisions carried out
    slack/entrances/        what comes in from Slack
    slack/posting/          what goes out to Slack
    slack/texts/            every word that people read in Slack
    storage/                the database, and what is deleted when
    storage/people/         connections, tokens, notices, installations
    storage/shared/         what processes share: who is alive, budgets, sign-ins
    storage/hooks/          events that another system is still owed
    storage/steps/          workflow steps that wait for an answer or for a call
    storage/reports/        which digests and alerts were posted, when the next are due
    storage/after/          reminders, which wait for their time
    storage/missed/         missed calls: what was read of the log, and the cards
    storage/calls/          calls, their records and events
    storage/policy/         an admin's rules and pause, the do-not-call list, the audit
    storage/database/       engine, one writer, migrations, locks, signals
    ringcentral/push/       events that RingCentral pushes: webhooks, WebSockets
    ringcentral/            RingCentral's resources, rate budget and request line
    ringcentral/sign_in/    sessions and tokens
    ringcentral/transport/  connections, threads, JSON turned into values
    settings/               environment variables turned into values
    telemetry/              logs, metrics, traces
    sandbox/                doubles of Slack and RingCentral; imports nothing of the bot
    policy/                 who may call whom, when and how much: one pure decision
    calls/lists/            lists of calls: what is asked for, what is shown
    calls/matching/         which record of the log, which session is which call's
    calls/                  a call's states, waits and decisions; no I/O, nor below
    calls/people/           people, their phones and names, their workspaces
    calls/log/              RingCentral's call log as values, and what it says
    calls/sessions/         telephony sessions as values, and what events say of them
    calls/numbers/          phone numbers: read, refused, compared, shown
    calls/typed/            what a person typed, taken apart
    vault                   encryption of secrets
    background              tasks that outlive what started them
    rounds                  work on a table's rows when they are due, forever
    clock                   the time of all processes
    lanes                   how many requests run at a time, and the slow ones beside them
    headers                 numbers and dates in the headers of answers
    weight                  how many values a JSON text may hold
    user_errors             what a person can mend, as values without words
    errors                  everything that can go wrong, and who hears of it
"""

"""Imports all of the bot's dependencies, so that forked processes have them.

Nothing of the bot itself is kept: a process may change its constants before it reads them.
"""

import sys

import bot.app.bot  # noqa: F401 - for what it imports

for name in [name for name in sys.modules if name.partition(".")[0] == "bot"]:
    del sys.modules[name]

"""What a bot process that is forked from here has imported already: all of the bot.

Its garbage collector leaves alone what was imported, as the documentation of `gc.freeze`
recommends before a fork.
"""

import gc

import bot.app.bot
import bot.cli.database
import bot.cli.main
import bot.cli.serve
import bot.doctor.doctor
import bot.settings.sources  # noqa: F401 - as the others: for what is forked

gc.freeze()

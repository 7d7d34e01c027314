"""The assembly: makes all parts of the bot and hands them to each other."""

"""The admin's desk: pause, rules, the do-not-call list, people, and who did what."""

"""What a dry run says: whether a call would be placed, and by which rule not."""

from __future__ import annotations

from bot.calls.numbers.tariff import tariff_of
from bot.policy.decision import Objection
from bot.policy.prospect import Prospect
from bot.policy.rules import Rule, Ruling
from bot.slack.texts import asking, desk_words, policy_words
from bot.slack.texts.contact import Contact
from bot.slack.texts.text import Message, escape

NOTHING_DIALED = "Nothing was dialed."
ASK_WHEN_REFUSED = "If you call it, you can ask an admin."


def said(found: Prospect, reader: str, contact: Contact) -> Message:
    """Say what the rules say to a call now, to the person with the Slack id *reader*."""
    number = escape(found.callee.international)
    doubt = asking.doubted(found.callee, found.doubt)
    told = _with_rules(found, reader)
    if doubt:
        told.append(_of_rule(escape(doubt[:1].upper() + doubt[1:]), Rule.DOUBT))
    match found.decision.ruling:
        case Ruling.REFUSE:
            first = f"You can't call {number} now."
            last = f" {ASK_WHEN_REFUSED if found.can_ask else contact.ask}"
        case _ if told:
            first, last = f"Before I call {number}, I'd ask you.", ""
        case _:
            kind = tariff_of(found.callee.e164)
            extra = f", a {kind.value} number," if kind else ""
            first, last = f"You can call {number}{extra} now.", ""
    warned = policy_words.sentences_of(found.decision.warnings, reader, found.at)
    return Message(" ".join([first, *told, *warned, NOTHING_DIALED]) + last)


def _with_rules(found: Prospect, reader: str) -> list[str]:
    """Return the sentence of each rule that objects, with the rule's name."""

    def one(each: Objection) -> str:
        [sentence] = policy_words.sentences_of((each,), reader, found.at)
        return _of_rule(sentence, each.rule)

    return [one(each) for each in found.decision.objections]


def _of_rule(sentence: str, rule: str) -> str:
    """Return a sentence that ends with the rule's name."""
    return f"{sentence.removesuffix('.')} (rule: {desk_words.rule_name(rule)})."

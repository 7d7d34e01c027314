"""Tells what phone companies show where they know no name: nobody's name, or a place's.

A caller's name is looked up by whoever ends the call. Without one they show the number's
kind (``WIRELESS CALLER``), its place (``SAN FRANCISCO CA``) or a warning (``Spam Risk``).
"""

from __future__ import annotations

import re

_UNKNOWN_WORDS = (
    "unknown|unavailable|anonymous|private|restricted|blocked|withheld|hidden|undisclosed"
    "|unidentified|unlisted|unpublished|no|not|none|null|n a|out of area|international"
    "|wireless|mobile|cell|cell phone|cellular|cellular phone|landline|pay ?phone|voip"
    "|toll ?free|telephone|phone|caller|caller id|incoming|outgoing|inbound|outbound"
    "|default|undefined"
)
_NOUN = (
    "name|number|caller|caller id|id|call|party|user|customer|subscriber|phone|line|area"
    "|available|provided|given|found|known|listed|data|cnam|service|clip|clir"
)
_WARNING = (
    "spam|scam|fraud|robo ?call(?:er)?|telemarketer|telemarketing|nuisance|junk"
    "|survey|political|charity|fundraiser|debt collector|collections"
)
_HOW_SURE = "potential|possible|probable|likely|suspected|reported|known"
_NOBODY = re.compile(
    rf"(?:(?:name|number) )?(?:{_UNKNOWN_WORDS})(?: (?:{_NOUN}))*"
    rf"|(?:(?:{_HOW_SURE}) )?(?:{_WARNING})(?: (?:risk|alert|warning|call(?:er)?|{_HOW_SURE}))*"
    r"|v\d{10,}"
)

_STATES = re.compile(
    "A[KZR]|C[AT]|FL|GA|I[DLA]|K[SY]|M[NST]|N[EVHJMYC]|ND|OR|PR|RI|S[CD]|T[NX]|UT|V[TA]"
    "|W[AVIY]|AB|BC|MB|N[BLST]|ON|QC|SK|YT"
)
"""Behind a place's name. The rest, in `_PLACES`, are titles, surnames or words as well."""

_PLACES = {
    "AL": "birmingham|montgomery|mobile|huntsville|tuscaloosa",
    "CO": "denver|aurora|colorado sp\\w*|boulder|ft collins|fort collins|lakewood|pueblo",
    "DC": "washington|washngton",
    "DE": "wilmington|dover|newark",
    "HI": "honolulu|hilo|kahului|kailua",
    "IN": "indianapolis|ft wayne|fort wayne|evansville|south bend|gary|bloomington",
    "LA": "new orleans|baton rouge|shreveport|lafayette|lake charles",
    "MA": "boston|cambridge|worcester|springfield|lowell|quincy|brockton|newton|lynn",
    "MD": "baltimore|rockville|bethesda|annapolis|silver sp\\w*|frederick|columbia",
    "ME": "portland|bangor|augusta|lewiston",
    "MI": "detroit|grand rapids|lansing|ann arbor|flint|kalamazoo|troy",
    "MO": "kansas city|st louis|saint louis|springfield|columbia|independence",
    "OH": "columbus|cleveland|cincinnati|toledo|akron|dayton|canton|youngstown",
    "OK": "oklahoma city|tulsa|norman|lawton",
    "PA": "philadelphia|phila|pittsburgh|allentown|erie|harrisburg|lancaster|scranton",
}
_STATE_NAMES = (
    "alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|hawaii|idaho"
    "|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan"
    "|minnesota|mississippi|missouri|nebraska|nevada|new hampshire|new jersey|new mexico"
    "|new york|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island"
    "|south carolina|south dakota|tennessee|texas|utah|vermont|washington|west virginia"
    "|wisconsin|wyoming|alberta|british columbia|manitoba|new brunswick|newfoundland"
    "|nova scotia|ontario|quebec|saskatchewan"
)
_PLACE_NAME = re.compile(
    rf"(?:[^\d,]+,\s*)?(?:{_STATE_NAMES})|[^\d,]+,\s*(?:georgia|virginia)"
    r"|united states(?: of america)?|usa?|canada"
)
_CITY_AND_STATE = re.compile(
    r"([^\d,]*[^\W\d_])[\s,]+([A-Z]{2})(?:[\s,]+(?:USA?|CAN?))?"
)
_NO_LETTERS = re.compile(r"[^\w]+|_")


def is_nobodys(name: str) -> bool:
    """Return whether a cleaned *name* in a record is no person's and no company's."""
    words = _NO_LETTERS.sub(" ", name.casefold()).strip()
    if not words or _NOBODY.fullmatch(words):
        return True
    return bool(_PLACE_NAME.fullmatch(name.casefold().strip())) or _is_city(
        name.strip()
    )


def _is_city(name: str) -> bool:
    """Whether it is ``SAN FRANCISCO CA`` or ``New York, NY``."""
    found = _CITY_AND_STATE.fullmatch(name)
    if found is None:
        return False
    city, state = found[1].casefold().replace(".", ""), found[2]
    if _STATES.fullmatch(state):
        return True
    return re.fullmatch(_PLACES.get(state, "(?!)"), city) is not None

"""Past participles: an irregular one is in the list; a regular one ends in -ed."""

from prose.word_list import word_list

IRREGULAR = word_list(
    """
    awoken beaten begun bent bitten blown born borne bought bound bred broken brought built burnt cast caught chosen
    cut dealt drawn driven drunk dug eaten fed felt fled flown forbidden foreseen forgiven forgotten fought found frozen
    given gotten grown heard held hewn hidden hit hung hurt kept known laid leapt learnt led left lent let lit lost
    made meant met misled misread misspelt mistaken mown outdone outgrown overcome overdone overheard overridden
    overrun overseen overtaken overthrown overwritten paid proven put read rebuilt redone redrawn rehung remade rerun
    resent reset retaken rethought rewound rewritten ridden rung run sawn said seen sent sewn shaken shed shot shown
    shut slain smelt sold sought sown spelt spent spilt split spoilt spoken spread sprung spun stolen stood strewn
    struck stuck stung sung sunk swept sworn swung taken taught thought thrown told torn trodden unbound underlain
    understood undertaken undone upheld withdrawn withheld woken won worn wound woven written wrung
    """
)

NOT_PARTICIPLES = word_list(
    """
    aged bed bleed breed embed exceed feed greed hatred hundred indeed kindred naked need proceed red reed rugged sacred
    seed shed sled speed succeed weed wicked wretched
    """
)
"""Words in -ed that are no participle."""

STATES = word_list(
    """
    accounted accustomed advanced allowed based called closed complicated concerned connected dedicated deprecated
    detailed disabled disconnected enabled enclosed experienced finished fixed interested involved limited located
    mistaken named needed nested obliged permitted related required reserved retired scattered set stuck supposed
    tired worn
    """
)
"""Participles that mostly state how something is ("the valve is closed"). Only with "by" do they count as passive."""

UN_VERBS = word_list("unbound undone understood undertaken underlain uninstalled unloaded unlocked unpacked")


def is_participle(word: str) -> bool:
    """Return whether a lower-case word may be a past participle: "sent" and "re-sent" may, "unsent" is an adjective."""
    word = word.removeprefix("re-")
    if word in IRREGULAR or word in UN_VERBS:
        return True
    if word.startswith("un") or "-" in word or word in NOT_PARTICIPLES:
        return False
    return len(word) > 3 and word.isalpha() and word.endswith("ed") and not word.endswith("eed")

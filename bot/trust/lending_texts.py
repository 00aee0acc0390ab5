"""What a volunteer agrees to by lending an account: what the mode does, what the key allows, how it ends.

One text for each network and mode, put together from parts; a part that changes changes the version.
"""

from functools import cache

from bot.model.boost import Mode
from bot.trust.texts import ConsentText

VERSION = "1"

_MODES = {
    Mode.ONE_TAP: {
        "en": """
When I tap the strip of a notice on my page, the collective’s program makes that one share from my
account, by the network’s own repost. Without my tap it makes none.
""",
        "fr": """
Quand je tire la languette d’une annonce sur ma page, le programme du collectif fait ce relais-là
depuis mon compte, par le repartage du réseau lui-même. Sans mon geste, il n’en fait aucun.
""",
    },
    Mode.AUTOMATIC: {
        "en": """
The collective’s program shares from my account without asking me each time, by the network’s own
repost: only notices that a person has read and accepted and that fit my choices, never more in a
day than my pace, never in my quiet hours, never during a break. Each share stands on my page with
its reason, and I can take it back there.
""",
        "fr": """
Le programme du collectif relaie depuis mon compte sans me demander à chaque fois, par le repartage
du réseau lui-même\u00a0: seulement des annonces qu’une personne a lues et acceptées et qui vont avec
mes choix, jamais plus par jour que mon rythme, jamais pendant mes heures calmes, jamais pendant une
pause. Chaque relais figure sur ma page avec sa raison, et je peux l’y annuler.
""",
    },
}
_KEYS = {
    "x": {
        "en": """
For this X gives the program a key to my account. The smallest that can repost would also let
whoever held it write and delete posts, and read what I can read. That is why it is kept sealed, out
of reach of the pages.
""",
        "fr": """
Pour cela, X donne au programme une clé de mon compte. La plus petite qui permette de relayer
permettrait aussi à qui la détiendrait d’écrire et de supprimer des posts, et de lire ce que je peux
lire. C’est pourquoi elle est gardée sous scellés, hors de portée des pages.
""",
    },
    "mastodon": {
        "en": """
For this my instance gives the program a key to my account. The smallest that can boost would also
let whoever held it write and delete posts, and read posts that I can read. That is why it is kept
sealed, out of reach of the pages.
""",
        "fr": """
Pour cela, mon instance donne au programme une clé de mon compte. La plus petite qui permette de
relayer permettrait aussi à qui la détiendrait d’écrire et de supprimer des posts, et de lire des
posts que je peux lire. C’est pourquoi elle est gardée sous scellés, hors de portée des pages.
""",
    },
    "bluesky": {
        "en": """
For this Bluesky gives the program a key to my account that can make and take back reposts and
nothing else: whoever stole it could neither write nor follow in my name. If I paste an app password
instead, that one allows far more: to write, to follow, to read what I can read. Either is kept
sealed, out of reach of the pages.
""",
        "fr": """
Pour cela, Bluesky donne au programme une clé de mon compte qui permet de relayer et d’annuler un
relais, et rien d’autre\u00a0: qui la volerait ne pourrait ni écrire ni s’abonner en mon nom. Si je
colle plutôt un mot de passe d’application, celui-ci permet bien plus\u00a0: écrire, s’abonner, lire ce
que je peux lire. L’une comme l’autre sont gardés sous scellés, hors de portée des pages.
""",
    },
}
_ALWAYS = {
    "en": """
It never writes a post, a reply or a message in my name, never likes, never follows, never changes
my profile and reads no private message.

I end this whenever I like, on my page or in the network’s own settings: the key goes back to the
network and is erased. Leaving the group ends it too, and so do ninety days without use.
""",
    "fr": """
Il n’écrit jamais ni post, ni réponse, ni message en mon nom, ne met aucun «\u00a0j’aime\u00a0», ne
s’abonne à personne, ne change pas mon profil et ne lit aucun message privé.

J’y mets fin quand je veux, sur ma page ou dans les réglages du réseau\u00a0: la clé est rendue au
réseau et effacée. Quitter le collectif y met fin aussi, de même que quatre-vingt-dix jours sans
usage.
""",
}
NETWORKS = frozenset(_KEYS)
"""Networks on which an account can be lent at all."""


@cache
def lending_text(network: str, mode: Mode) -> ConsentText:
    """Give what a volunteer agrees to by lending an account on `network` in `mode`, one that needs a key."""
    parts = _MODES[mode], _KEYS[network], _ALWAYS
    body = {lang: "\n\n".join(part[lang].strip("\n") for part in parts) for lang in ("en", "fr")}
    return ConsentText(f"lend_{network}", f"{mode}-{VERSION}", body)

"""The texts people say yes to, word for word. Changing one means a new version: old consents keep theirs.

They are not in the catalogue: a consent names a version and the hash of exactly what was shown.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConsentText:
    """One versioned text. `body` gives it by language; an empty line parts two paragraphs."""

    purpose: str
    version: str
    body: Mapping[str, str]

    def paragraphs(self, lang: str) -> list[str]:
        """Give the text as shown in `lang`, French with its no-break spaces."""
        return [re.sub(r"[ \n]+", " ", part) for part in self.body[lang].strip("\n").split("\n\n")]

    def shown(self, lang: str) -> str:
        """Give the text as shown in `lang`, a paragraph a line: what a consent keeps."""
        return "\n".join(self.paragraphs(lang))

    def digest(self, lang: str) -> str:
        """Give the SHA-256 (hex) of the text as shown in `lang`."""
        return hashlib.sha256(self.shown(lang).encode()).hexdigest()

    def record(self, lang: str) -> dict[str, str]:
        """Give what the journal keeps of a yes to the text as shown in `lang`, see `journal.consent`."""
        return {
            "purpose": self.purpose,
            "text_version": self.version,
            "text_hash": self.digest(lang),
            "text": self.shown(lang),
            "lang": lang,
        }


CHARTER = ConsentText(
    purpose="charter",
    version="2",
    body={
        "en": """
A share is one repost of one person’s call for a job, by the network’s own button. The author’s name
stays on it, and it vanishes when the author takes the post back.

I share from my own accounts, and only what I am glad to show my followers. I may skip any notice and
owe nobody a reason. I share by hand; if I lend an account to the collective’s program, by a yes of its
own, it shares in my name as that text says, and I answer for it as for my own hand.

No points, no prizes, no ranking, no money, in either direction. I ask nothing of the people whose
notices I share.

No likes, no follows, no copied texts, no bursts. The group spaces the shares; I do not try to go
faster.

What I read here serves to share, nothing else: no canvassing, no lists of people.

When a notice is not right (a scam, personal data, not a search), I report it and a person reads it
again.

I pause or leave at any time from my own page. Nobody asks why.

The group keeps the name I gave, my handles, my settings, what I was asked and what I answered. When
I leave, my name and handles are erased; only counts without a name stay.
""",
        "fr": """
Un relais, c’est le repartage de l’appel d’une personne qui cherche un emploi, par le bouton du
réseau lui-même. Le nom de l’auteur y reste, et le relais disparaît quand l’auteur retire son post.

Je relaie depuis mes propres comptes, et seulement ce que je montre volontiers à mes abonnés. Je peux
passer une annonce sans devoir d’explication à personne. Je relaie à la main\u00a0; si je prête un compte
au programme du collectif, par un accord distinct, il relaie en mon nom comme ce texte le dit, et j’en
réponds comme de mon propre geste.

Ni points, ni prix, ni classement, ni argent, dans un sens comme dans l’autre. Je ne demande rien
aux personnes dont je relaie l’annonce.

Ni «\u00a0j’aime\u00a0», ni abonnements, ni textes recopiés, ni rafales. Le collectif espace les relais\u00a0;
je ne cherche pas à aller plus vite.

Ce que je lis ici sert à relayer et à rien d’autre\u00a0: ni démarchage, ni liste de personnes.

Quand une annonce pose problème (arnaque, données personnelles, ce n’est pas une recherche), je la
signale et une personne la relit.

Je fais une pause ou je pars quand je veux, depuis ma page. Personne ne demande pourquoi.

Le collectif garde le nom que j’ai donné, mes comptes, mes réglages, ce qu’on m’a proposé et ce que
j’ai répondu. Si je pars, mon nom et mes comptes sont effacés\u00a0; seuls restent des totaux sans nom.
""",
    },
)
"""What a volunteer accepts."""

VOLUNTEER_CONSENT = ConsentText(
    purpose="roster",
    version="1",
    body={
        "en": """
I agree that the group keeps my name, my handles and my settings to suggest notices to me and to
count shares. I withdraw by leaving, at any time.
""",
        "fr": """
J’accepte que le collectif garde mon nom, mes comptes et mes réglages pour me proposer des annonces
et compter les relais. Je retire cet accord en partant, quand je veux.
""",
    },
)
"""What a volunteer agrees to have kept."""

PUBLISH_NOTICE = ConsentText(
    purpose="publish_notice",
    version="2",
    body={
        "en": (
            "I agree that this notice is published and shared publicly: by volunteers, and by the "
            "collective’s own account, which posts it itself if I have no post. "
            "I can leave that account out, or withdraw the notice, at any time from its page; sharing then "
            "stops at once."
        ),
        "fr": (
            "J’accepte que cette annonce soit publiée et relayée publiquement\u00a0: par des bénévoles, et "
            "par le compte du collectif, qui la poste lui-même si je n’ai pas de post. "
            "Je peux écarter ce compte, ou retirer l’annonce, à tout moment depuis sa page\u00a0; les relais "
            "s’arrêtent alors aussitôt."
        ),
    },
)
"""What a seeker agrees to when sending a notice."""

MENTION = ConsentText(
    purpose="publish_notice",
    version="mention-2",
    body={
        "en": (
            "By mentioning the collective’s account in my post I ask that moderators read it and that this "
            "account and volunteers share it publicly. Deleting the post, or writing to the collective, "
            "stops it."
        ),
        "fr": (
            "En mentionnant le compte du collectif dans mon post, je demande que la modération le lise "
            "et que ce compte et des bénévoles le relaient publiquement. Supprimer le post, ou écrire au "
            "collectif, y met fin."
        ),
    },
)
"""What a seeker asks for by mentioning the collective's account; the page about data shows it."""

NAMES_COLLECTIVE = frozenset({"2", "mention-2"})
"""Versions of the two above in which the collective's own account is named: older ones do not cover it."""

SHOW_ADDRESS = ConsentText(
    purpose="show_address",
    version="1",
    body={
        "en": (
            "I agree that this address is shown to anyone who opens the page of my notice. "
            "I can take it off at any time."
        ),
        "fr": (
            "J’accepte que cette adresse soit montrée à toute personne qui ouvre la page de mon annonce. "
            "Je peux l’en retirer à tout moment."
        ),
    },
)
"""What a seeker without a post may agree to, so that people can answer."""

SHOW_FIRST_NAME = ConsentText(
    purpose="show_first_name",
    version="1",
    body={
        "en": "Show my name among those who found a job, on the impact page.",
        "fr": "Montrer mon nom parmi les personnes qui ont trouvé, sur la page d’impact.",
    },
)
"""What a seeker may agree to once a job is found."""

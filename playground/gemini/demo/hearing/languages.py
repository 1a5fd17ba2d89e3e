"""German and Spanish openings, turned into the plain English that the rest understands."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    marks: frozenset[str]
    """Words by which it is known."""
    lead: str
    """Said once, in it, before an answer in English."""
    phrases: tuple[tuple[str, str], ...]


GERMAN = Language(
    frozenset(
        [
            "ist",
            "es",
            "wie",
            "und",
            "ich",
            "nicht",
            "bitte",
            "eine",
            "einen",
            "meine",
            "mir",
            "was",
            "kannst",
            "du",
            "der",
            "die",
            "das",
            "hallo",
            "danke",
            "notiz",
            "notizen",
            "wer",
            "bist",
            "für",
            "fuer",
            "uhrzeit",
            "spät",
            "spaet",
            "guten",
            "tag",
            "zeige",
            "zeig",
            "lösche",
            "loesche",
            "wetter",
            "mein",
            "füge",
            "hinzu",
            "erstelle",
            "servus",
            "moin",
            "können",
            "sie",
            "mit",
            "dem",
            "den",
            "alle",
            "ein",
            "zum",
            "hilfe",
            "erinnere",
            "mich",
            "auf",
            "deutsch",
            "gibt",
            "wir",
            "haben",
            "hast",
            "sind",
            "meiner",
            "daten",
            "dass",
            "notiere",
            "notier",
            "schreib",
            "merk",
            "heißt",
            "heisst",
            "welche",
            "viel",
            "gibts",
            "bin",
            "morgen",
            "abend",
            "grüß",
            "gott",
        ]
    ),
    "Ich verstehe etwas Deutsch, antworte in dieser Demo aber auf Englisch.",
    (
        (r"wie sp(?:ä|ae|a)t (?:ist|haben|is|wird)(?: es| wir)?", "what time is it"),
        (r"wie ?viel uhr (?:ist|haben)(?: es| wir)?", "what time is it"),
        (r"(?:welche|wie ist die|was ist die) uhrzeit(?: ist| haben)?(?: es| wir)?", "what time is it"),
        (r"uhrzeit", "time"),
        (r"was ist das(?: hier)?", "what is this"),
        (r"was ist", "what is"),
        (r"was (?:kannst du|können sie|kann man)(?: hier)?(?: alles)?(?: machen| tun)?", "what can you do"),
        (r"wer (?:bist du|sind sie)|was bist du|wie (?:heißt|heisst) du|wie heißen sie", "who are you"),
        (r"wie geht(?:'s|s| es)(?: dir| ihnen)?", "how are you"),
        (r"guten (?:tag|morgen|abend)|grüß gott|servus|moin|hallo", "hello"),
        (r"vielen dank|dank(?:e|esch(?:ö|oe)n)(?: sch(?:ö|oe)n| sehr)?", "thanks"),
        (r"tsch(?:ü|ue)ss?|auf wiedersehen", "bye"),
        (
            r"(?:wohin|werden|was passiert mit|sind|wo)\b.*\b(?:meine|meinen|unsere) daten\b.*",
            "is my data sent anywhere",
        ),
        (r"datenschutz|dsgvo", "privacy"),
        (r"(?:kannst du|k(?:ö|oe)nn(?:t?en sie|test du))(?: mir)?", "can you"),
        (r"f(?:ü|ue)ge?(?: bitte)? eine (?:neue )?notiz hinzu", "add a note"),
        (r"(?:notiere?|merk(?:e)? dir|schreib(?:e)?(?: dir)? auf)(?: dass)?", "note that"),
        (r"erinner(?:e|st du)? mich(?: bitte)?(?: daran| an)?", "remind me to"),
        (r"fass(?:e)?\b.*\bzusammen|zusammenfassung", "summarise this"),
        (r"(?:zeig|liste|gib)e?(?: mir)?(?: bitte)?|welche", "show"),
        (r"l(?:ö|oe)schen?|entfernen?", "delete"),
        (r"(?:erstell|mach|schreib)en?(?: mir)?(?: bitte)?", "create"),
        (r"lies|lese", "read"),
        (r"verbinden?", "connect"),
        (r"notizen", "notes"),
        (r"notiz", "note"),
        (r"kunden?", "customer"),
        (r"wetter", "weather"),
        (r"witz", "joke"),
        (r"hilfe", "help"),
        (r"bitte", "please"),
        (r"nicht", "not"),
        (r"habe ich", "do i have"),
        (r"meine[nmr]?|mein", "my"),
        (r"eine[nmr]?|ein", "a"),
        (r"der|die|das|den|dem", "the"),
        (r"alle", "all"),
        (r"f(?:ü|ue)r", "for"),
        (r"und", "and"),
        (r"erste[nr]?", "first"),
        (r"(\d{1,2}) uhr", r"\1:00"),
    ),
)
SPANISH = Language(
    frozenset(
        [
            "qué",
            "que",
            "hora",
            "es",
            "la",
            "el",
            "los",
            "las",
            "mi",
            "mis",
            "una",
            "un",
            "notas",
            "nota",
            "hola",
            "gracias",
            "puedes",
            "hacer",
            "quién",
            "quien",
            "eres",
            "por",
            "favor",
            "para",
            "buenos",
            "días",
            "dias",
            "tardes",
            "borra",
            "borres",
            "crea",
            "lista",
            "muestra",
            "y",
            "clima",
            "tiempo",
            "ayuda",
            "cómo",
            "como",
            "estás",
            "estas",
            "son",
            "adiós",
            "adios",
            "cliente",
            "enlace",
        ]
    ),
    "Entiendo algo de español, pero en esta demo respondo en inglés.",
    (
        (r"qu(?:é|e) horas? (?:es|son|tienes)", "what time is it"),
        (r"qu(?:é|e) (?:puedes|sabes) hacer", "what can you do"),
        (r"qui(?:é|e)n eres|qu(?:é|e) eres", "who are you"),
        (r"c(?:ó|o)mo est(?:á|a)s", "how are you"),
        (r"hola|buen(?:os|as) (?:d(?:í|i)as|tardes|noches)", "hello"),
        (r"(?:muchas )?gracias", "thanks"),
        (r"adi(?:ó|o)s|hasta luego", "bye"),
        (r"por favor", "please"),
        (r"(?:mu(?:é|e)stra|lista|ense(?:ñ|n)a)(?:me)?", "show"),
        (r"borr(?:a|es|ar)|elimin(?:a|es|ar)", "delete"),
        (r"(?:a(?:ñ|n)ade|agrega|apunta|crea|haz)(?:me)?", "create"),
        (r"notas", "notes"),
        (r"nota", "note"),
        (r"enlace", "link"),
        (r"cliente", "customer"),
        (r"(?:el )?(?:clima|tiempo)", "weather"),
        (r"ayuda", "help"),
        (r"chiste", "joke"),
        (r"puedes", "can you"),
        (r"no(?= delete)", "not"),
        (r"mis?", "my"),
        (r"una?", "a"),
        (r"las?|los|el", "the"),
        (r"para", "for"),
        (r"y", "and"),
        (r"en", "in"),
    ),
)
VERB_LAST = re.compile(
    r"^(can you )?(?!(?:create|delete|show|read|add|connect)\b)(.+?)\s+(create|delete|show"
    r"|read|add|connect)([?.!]*)$",
    re.I,
)
ENGLISH = frozenset(
    [
        "the",
        "what",
        "is",
        "are",
        "you",
        "my",
        "can",
        "i",
        "do",
        "to",
        "of",
        "how",
        "please",
        "show",
        "list",
        "that",
        "this",
        "with",
        "it",
        "me",
        "and",
        "time",
        "notes",
    ]
)


def language_of(text: str) -> Language | None:
    """None for English and for all it does not know."""
    said = re.findall(r"[^\W\d_]+", text.lower())[:12]
    if not said:
        return None
    english = sum(word in ENGLISH for word in said)
    marks, language = max(((sum(w in each.marks for w in said), each) for each in (GERMAN, SPANISH)), key=_marks)
    return language if marks > english and 3 * marks >= len(said) else None


def _marks(counted: tuple[int, Language]) -> int:
    return counted[0]


def in_english(text: str) -> str:
    """As far as its phrases are known; names and unknown words stay."""
    language = language_of(text)
    for phrase, meaning in language.phrases if language else ():
        text = re.sub(rf"(?<!\w)(?:{phrase})(?!\w)", meaning, text, flags=re.IGNORECASE)
    return VERB_LAST.sub(r"\1\3 \2\4", text) if language is GERMAN else text

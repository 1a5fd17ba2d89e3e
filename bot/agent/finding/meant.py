"""What people call a thing, and what tools call it: «find» is a search, «make» is a create, a ticket is an issue."""

from collections.abc import Iterable, Iterator

from storage.search.words import words as plain

# Of both languages that requests to English tools were written in.
LOOKS = (
    "find search query look discover suche suchen finde finden",
    "show get list read fetch view display give tell zeig zeige zeigen lies liste hol hole nenne",
    "describe explain inspect details info why reason beschreibe erkläre warum",
    "count many number wieviele viele anzahl",
    "download get export save lade herunterladen",
    "compare diff difference differences vergleiche unterschied",
)
CHANGES = (
    "make create add new open post put set file write draft note erstelle erstellen anlegen lege leg"
    " neu neue neues neuen mache eröffne",
    "add attach put upload insert append hänge hinzufügen füge",
    "change update edit patch modify rename set mend fix correct ändere ändern aktualisiere bearbeite korrigiere",
    "rename move benenne umbenennen",
    "move transfer shift postpone verschiebe verschieben verlege",
    "remove delete drop erase clear cancel lösche löschen entferne entfernen",
    "send post message write tell let inform answer ask forward ping announce share notify"
    " schreib schreibe sende schicke sag sage melde",
    "reply answer respond tell write beantworte antworte",
    "write draft save store schreib schreibe speichere",
    "start run trigger execute exec play launch starte starten",
    "stop cancel abort end close shut kill brich abbrechen beende beenden stoppe schließe",
    "undo revert back roll withdraw cancel reset rückgängig",
    "copy duplicate clone fork kopiere kopieren",
    "give assign assignee hand weise zuweisen gib",
    "share invite invitation teile teilen lade",
    "schedule book plan create plane buche",
    "approve accept allow confirm genehmige",
    "lock protect schütze sperre",
    "watch monitor observe notify alert follow tell beobachte",
    "finish complete done tick check checked item close erledige erledigt erledigen fertig",
    "comment note remark add write kommentiere notiere",
)
THINGS = (
    "size big large storage space disk groß größe",
    "history log activity event changelog happened recent recently today yesterday verlauf letzte letzten",
    "change commit diff history geändert änderung änderungen",
    "whoami self authenticated current",
    "ticket issue bug aufgabe fehler",
    "pr pull",
    "mr merge",
    "log output logs worklog",
    "hours time worklog log stunden buche zeit",
    "status state transition progress check checks health stand zustand",
    "person user people member profile somebody who wer nutzer benutzer leute mitglied mitglieder",
    "note comment reply answer remark kommentar notiz antworte",
    "conversation thread channel chat message messages history kanal nachricht nachrichten",
    "emoji reaction react thumbs",
    "picture image photo screenshot bild bilder",
    "file document attachment datei dateien dokument",
    "folder directory ordner verzeichnis",
    "page seite seiten document",
    "card karte karten",
    "paragraph block section absatz",
    "table database collection source tabelle datenbank",
    "row record document item rows zeile zeilen eintrag",
    "url urls links link site map address adresse",
    "branch zweig",
    "server container pod node machine",
    "price cost product preis kosten",
    "review reviews rating opinion bewertung bewertungen",
)
WORTH = 0.4
"""Of a word that was meant, beside one that was said."""
OTHER_FORM = 0.8
"""Of another form of a word that was said: «changed» of change."""
_LITTLE = (
    "a an the to in on of for is are am was were be been has have had i me my mine we our us you your it its they"
    " them their he she his her this that these those there here and or but if at by with from about into out up as"
    " so then than too also any all some please can could would should will want need may might do does did done"
    " what which when how just now again not no one get let s t re ll ve der die das den dem des ein eine einen"
    " einem einer im zum zur und oder mit von vom auf ist sind war hat haben wird werden bitte ich du wir uns mir"
    " mich dir es sie er wie welche welcher welches nach nicht für aus bei um zu noch alle mal kannst diese dieser"
    " dieses"
)
"""Words that stand in every request, and say nothing of what is asked for."""
WHO = {"who", "am", "i"}
_ENDINGS = (("ies", "y"), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", ""))
TELLS_LANGUAGE = 2
"""So many different little words show that a text is English or German."""
SHORTEST = 3
"""Letters that are left of a word without its ending."""

_MEANT: dict[str, list[frozenset[str]]] = {}
"""Of each word, all groups that it is in."""
for _group in (*LOOKS, *CHANGES, *THINGS):
    _alike = frozenset(next(plain(_word)) for _word in _group.split())
    for _word in _alike:
        _MEANT.setdefault(_word, []).append(_alike)
_CHANGES = [{next(plain(each)) for each in group.split()} for group in CHANGES]
_CHANGING: frozenset[str] = frozenset().union(*_CHANGES)
_ANY_CHANGE = frozenset({"change", "update", "edit", "patch", "modify"})
_SAYS_NOTHING = frozenset(next(plain(each)) for each in _LITTLE.split())


def weighed(asked: Iterable[str]) -> dict[str, float]:
    """The words of a request that say something, and those that may be meant, with what each is worth."""
    said = list(asked)
    telling = [word for word in said if word not in _SAYS_NOTHING] or said
    found = dict.fromkeys(telling, 1.0)
    for form in (form for word in telling for form in _forms(word)):
        found.setdefault(form, OTHER_FORM)
    for word in [*found, *(["whoami", "user"] if set(said) >= WHO else [])]:
        for other in sorted(frozenset().union(*_MEANT.get(word, ()))):
            found.setdefault(other, WORTH)
    return found


def act_of(name: str) -> frozenset[str]:
    """How people may call the change that a tool of this name makes, by its first verb; empty where none is known.

    «Update» is any of them: to give, to close, to rename.
    """
    verb = next((word for word in plain(name) if word in _CHANGING), None)
    if verb in _ANY_CHANGE:
        return _CHANGING
    return frozenset().union(*(group for group in _CHANGES if verb in group))


def understood(text: str) -> bool:
    """Whether it is in one of the languages that these words are of."""
    return len(_SAYS_NOTHING.intersection(plain(text))) >= TELLS_LANGUAGE


def _forms(word: str) -> Iterator[str]:
    """English ones: tools are described in English."""
    for ending, instead in _ENDINGS:
        bare = word.removesuffix(ending)
        if bare != word and len(bare) >= SHORTEST:
            yield bare + instead
            if not instead and bare[-1] == bare[-2]:
                yield bare[:-1]

"""Who and where: the two people, the app, the channels, and the Web API methods that tell of them."""

from dataclasses import dataclass, field, replace

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP, APP_BOT, APP_USER, OTHER_APP, SLACKBOT, TEAM
from playground.slack.core.refusal import Refused

OWNER, MEMBER = "U0OWNER", "U0MEMBER"
PEOPLE = (OWNER, MEMBER)
CREATED = 1767225600


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    domain: str


LOCAL = Team(TEAM, "Local workspace", "local-workspace")
SECOND = Team("T0SECOND", "Second workspace", "second-workspace")


@dataclass
class Person:
    id: str
    name: str
    title: str = ""
    is_admin: bool = False
    is_owner: bool = False
    is_bot: bool = False
    flags: dict[str, bool] = field(default_factory=dict)  # deleted, is_restricted, … for tests to set
    team: str = TEAM  # in an enterprise, people of several workspaces meet in one
    enterprise: str | None = None

    def as_slack(self) -> Json:
        profile = {"real_name": self.name, "display_name": self.name, "title": self.title, "team": self.team}
        return {
            "id": self.id,
            "team_id": self.team,
            **({"enterprise_user": {"id": self.id, "enterprise_id": self.enterprise}} if self.enterprise else {}),
            "name": self.name.lower(),
            "real_name": self.name,
            "profile": profile,
            "deleted": False,
            "is_admin": self.is_admin,
            "is_owner": self.is_owner,
            "is_primary_owner": self.is_owner,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "tz": "Etc/UTC",
            "tz_label": "Coordinated Universal Time",
            "tz_offset": 0,
            "updated": CREATED,
            **self.flags,
        }

    def for_page(self) -> Json:
        plain = {"id": self.id, "name": self.name, "title": self.title}
        return {**plain, "is_admin": self.is_admin, "is_owner": self.is_owner, "is_bot": self.is_bot}


@dataclass
class Channel:
    id: str
    name: str
    members: list[str]
    topic: str = ""
    person: str | None = None  # a DM of this person with the app
    private: bool = False
    group: bool = False  # a direct message of several people
    shared: bool = False  # with another organisation (Slack Connect)
    archived: bool = False

    @property
    def is_im(self) -> bool:
        return self.person is not None

    @property
    def kind(self) -> str:
        """As lists of conversations name it."""
        return "im" if self.is_im else "mpim" if self.group else "private_channel" if self.private else "public_channel"

    @property
    def event_kind(self) -> tuple[str, str]:
        """How events name it, and the subscription that brings its messages."""
        kinds = {"im": ("im", "im"), "mpim": ("mpim", "mpim"), "private_channel": ("group", "groups")}
        kind, subscription = kinds.get(self.kind, ("channel", "channels"))
        return kind, f"message.{subscription}"

    @property
    def people(self) -> list[str]:
        return [member for member in self.members if member in PEOPLE]

    def as_slack(self) -> Json:
        if self.person is not None:
            return {"id": self.id, "is_im": True, "user": self.person, "created": CREATED, "is_open": True}
        shown = {"id": self.id, "name": self.name, "name_normalized": self.name, "created": CREATED, "creator": OWNER}
        kind = {
            "is_channel": True,
            "is_group": False,
            "is_im": False,
            "is_mpim": self.group,
            "is_private": self.private,
        }
        state = {
            "is_archived": self.archived,
            "is_general": self.id == "C0GENERAL",
            "is_member": APP_USER in self.members,
            "is_shared": self.shared,
            "is_ext_shared": self.shared,
        }
        topic = {"value": self.topic, "creator": OWNER, "last_set": CREATED}
        return {**shown, **kind, **state, "topic": topic, "purpose": topic, "num_members": len(self.members)}

    def for_page(self, person: str) -> Json:
        other = APP_USER if self.person == person else self.person
        kind = "im" if self.is_im else "channel"
        return {"id": self.id, "name": self.name, "kind": kind, "with": other, "topic": self.topic}


class Directory:
    def __init__(self, app_name: str, team: Team = LOCAL) -> None:
        self.team = team
        self.enterprise: str | None = None  # of which this workspace is a part
        self.org_wide = False  # the app is installed in all of it at once
        everyone = [OWNER, MEMBER, APP_USER]
        people = {
            OWNER: Person(OWNER, "Owner", "Workspace owner", is_admin=True, is_owner=True),
            MEMBER: Person(MEMBER, "Member", "Member"),
            APP_USER: Person(APP_USER, app_name, "App", is_bot=True),
            OTHER_APP: Person(OTHER_APP, "Deploys", "Another app", is_bot=True),
            SLACKBOT: Person(SLACKBOT, "Slackbot", "This workspace", is_bot=True),
        }
        self.people = {each: replace(person, team=team.id) for each, person in people.items()}
        self.channels = {
            "C0GENERAL": Channel("C0GENERAL", "general", list(everyone), "For everyone"),
            "C0RANDOM": Channel("C0RANDOM", "random", list(everyone), "For everything else"),
            **{f"D{who[1:]}": Channel(f"D{who[1:]}", app_name, [who, APP_USER], person=who) for who in PEOPLE},
        }

    def dm_of(self, person: str) -> Channel:
        return self.channels[f"D{person[1:]}"]

    def channel(self, channel_id: str) -> Channel:
        """A channel by its id; the id of a person means the DM with them, as chat.postMessage understands it."""
        if channel_id in PEOPLE:
            return self.dm_of(channel_id)
        if channel_id not in self.channels:
            raise Refused("channel_not_found")
        return self.channels[channel_id]

    def joined(self, channel_id: str) -> Channel:
        channel = self.channel(channel_id)
        if APP_USER not in channel.members:
            raise Refused("not_in_channel")
        if channel.archived:
            raise Refused("is_archived")
        return channel

    # --- Web API
    def users_info(self, args: Json) -> Json:
        if args["user"] not in self.people:
            raise Refused("user_not_found")
        return {"user": self.people[args["user"]].as_slack()}

    def users_list(self, args: Json) -> Json:
        return {"members": [person.as_slack() for person in self.people.values()], **NO_MORE}

    def users_conversations(self, args: Json) -> Json:
        return {"channels": [c.as_slack() for c in self._of_types(args) if APP_USER in c.members], **NO_MORE}

    def conversations_list(self, args: Json) -> Json:
        return {"channels": [channel.as_slack() for channel in self._of_types(args)], **NO_MORE}

    def conversations_info(self, args: Json) -> Json:
        return {"channel": self.channel(args["channel"]).as_slack()}

    def conversations_members(self, args: Json) -> Json:
        return {"members": self.channel(args["channel"]).members, **NO_MORE}

    def conversations_open(self, args: Json) -> Json:
        wanted = args.get("users") or self.channel(args.get("channel", "")).person or ""
        people = wanted if isinstance(wanted, list) else str(wanted).split(",")
        if len(people) != 1 or people[0] not in PEOPLE:
            raise Refused("user_not_found")
        if self.people[people[0]].flags.get("deleted"):
            raise Refused("user_disabled")
        channel = self.dm_of(people[0])
        whole = str(args.get("return_im")).lower() == "true"
        return {"channel": channel.as_slack() if whole else {"id": channel.id}, "already_open": True, "no_op": True}

    def team_info(self, args: Json) -> Json:
        team, url = self.team, f"https://{self.team.domain}.slack.com/"
        return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "url": url, "icon": {}}}

    def bots_info(self, args: Json) -> Json:
        if args.get("bot") not in (None, APP_BOT):
            raise Refused("bot_not_found")
        name = self.people[APP_USER].name
        return {"bot": {"id": APP_BOT, "app_id": APP, "user_id": APP_USER, "name": name, "deleted": False, "icons": {}}}

    def auth_test(self, args: Json) -> Json:
        who = {"user": self.people[APP_USER].name.lower(), "user_id": APP_USER, "bot_id": APP_BOT}
        where = {"url": f"https://{self.team.domain}.slack.com/", "team": self.team.name, "team_id": self.team.id}
        enterprise = {"enterprise_id": self.enterprise} if self.enterprise else {}
        if self.org_wide:  # the token is of no team
            where |= {"team": "Local enterprise", "team_id": str(self.enterprise)}
        return {**where, **who, **enterprise, "is_enterprise_install": self.org_wide}

    def _of_types(self, args: Json) -> list[Channel]:
        types = str(args.get("types") or "public_channel").split(",")
        return [channel for channel in self.channels.values() if channel.kind in types]


NO_MORE: Json = {"response_metadata": {"next_cursor": ""}}

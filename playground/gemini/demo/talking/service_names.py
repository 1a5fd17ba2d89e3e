"""Names of services, and words by which people ask for them."""

CARDS = {
    "github": "GitHub",
    "supabase": "Supabase",
    "time": "Time",
    "notes": "Notes",
    "calendar": "Calendar",
    "slack": "Slack",
    "notion": "Notion",
    "linear": "Linear",
    "atlassian": "Atlassian",
    "sentry": "Sentry",
    "stripe": "Stripe",
    "redis": "Redis",
    "custom": "Custom",
}
ONE_CLICK, SIGNED_IN = ("time", "notes"), ("calendar", "slack", "notion", "linear", "atlassian", "sentry", "stripe")
ALSO = {"Jira": "Atlassian", "Confluence": "Atlassian"}
"""Services under the card that leads to them."""
HINTS = {
    "github": r"\bgit ?hub\b|\brepos?\b|\brepositor(?:y|ies)\b|\bpull requests?\b|\bprs?\b|\bissues?\b|\bcommits?\b",
    "supabase": r"\bsupabase\b|\bdatabase\b|\bsql\b|\bpostgres\b",
    "time": (
        r"\btime server\b|\btime ?zones?\b|\bwhat time\b|\bclock\b|\bthe time\b|^time\W*$"
        r"|\btime in\b|\btime is it\b"
    ),
    "notes": r"\bnotes?\b",
    "calendar": r"\b(?:calendar|kalender|calendario)\b|\bmeetings?\b|\bappointments?\b|\bschedule\b",
}
OTHERS = [
    "Gmail",
    "Google Calendar",
    "Google Drive",
    "Google Docs",
    "Google Sheets",
    "Outlook",
    "Asana",
    "Trello",
    "Salesforce",
    "HubSpot",
    "Figma",
    "GitLab",
    "Bitbucket",
    "Zendesk",
    "Intercom",
    "Dropbox",
    "Discord",
    "Teams",
    "Zoom",
    "Airtable",
    "Monday",
    "ClickUp",
    "Todoist",
    "Shopify",
    "SAP",
    "PayPal",
    "WhatsApp",
    "Spotify",
    "Datadog",
    "Grafana",
    "Excel",
    "PowerPoint",
    "SharePoint",
    "OneDrive",
    "Telegram",
    "Twitter",
    "LinkedIn",
    "YouTube",
]
KINDS = (
    (r"\b(?:e-?)?mails?\b|\binbox\b", "mail"),
    (r"\btickets?\b|\bcrm\b|\bleads?\b|\bdeals?\b", "ticket or customer"),
    (r"\b(?:google|browse|search the (?:web|internet)|internet|news|website)\b", "web search"),
    (r"\bfiles?\b|\bdocuments?\b|\bpdfs?\b", "document"),
    (r"\btasks?\b|\bto-?dos?\b", "task"),
    (r"\b(?:stocks?|share price|bitcoin|exchange rate|crypto)\b", "market data"),
    (r"\b(?:flights?|hotels?|trains?|restaurants?|book a|order (?:me )?(?:a )?pizza)\b", "booking"),
    (r"\b(?:timer|alarm|stopwatch|countdown)s?\b", "timer"),
    (r"\b(?:music|songs?|playlist|video)s?\b", "music or video"),
    (r"\b(?:image|picture|photo|logo|drawing)s?\b|\bdraw\b", "picture"),
)

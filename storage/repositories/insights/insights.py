"""All that is counted of a workspace for people to look at."""

from storage.repositories.insights.calls import CallCounts
from storage.repositories.insights.days import Days
from storage.repositories.insights.health import Health
from storage.repositories.insights.people import People


class Insights(CallCounts, Days, Health, People):
    """Each question is one bounded statement."""

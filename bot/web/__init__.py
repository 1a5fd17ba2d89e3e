"""The sidecar: public chat pages, tickets and health over HTTP."""

from bot.web.edge.context import Pace, WebServices
from bot.web.server import make_app, serving

__all__ = ["Pace", "WebServices", "make_app", "serving"]

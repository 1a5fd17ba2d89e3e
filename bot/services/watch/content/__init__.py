"""What is said on guests' pages passes stages: each lets it through, takes something out, notes it or stops it."""

from bot.services.watch.content.pipeline import Content, Outcome
from bot.services.watch.content.values import Direction, Finding, Passed, Said, Stage, Verdict

__all__ = ["Content", "Direction", "Finding", "Outcome", "Passed", "Said", "Stage", "Verdict"]

"""What everything here stands on: time, ids, people, storage, the app's manifest, refusals."""

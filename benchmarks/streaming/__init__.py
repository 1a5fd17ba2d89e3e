"""The sidecar with a metronome in the place of the model, and streams seen from outside."""

"""What a call's arguments may not say: pure functions that give a sentence the model can act on, or None."""

"""What a person says: in whichever of three languages, with slips of the keyboard, cut into single wishes."""

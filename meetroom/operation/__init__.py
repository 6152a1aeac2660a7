"""What a technician does with a whole server: start, check, certify, back up. Sits on top of the nouns."""

"""The black-box suite of the VocalBridge hosts, by subject."""

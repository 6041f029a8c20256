"""VocalBridge on conclave, as a FastAPI host."""

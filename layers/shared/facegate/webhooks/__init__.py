"""What is told (events), to whom (listening), when and what the answer means (delivery), and what follows from it:
a test by hand (probing), telling again (retelling), the end of a queue (recovery)."""

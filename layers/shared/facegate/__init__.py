"""Facegate: is there a live person in front of the camera, and is it the person they say they are?

The rooms, and who may import whom, are drawn in README.md and held by tests/unit/test_rooms.py.
"""

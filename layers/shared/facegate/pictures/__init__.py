"""Photos: measured and stripped on arrival by their headers alone (images), made smaller for one vendor (fitting)."""

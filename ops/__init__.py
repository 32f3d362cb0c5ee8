"""What the people who run Facegate do by hand or from the Makefile; nothing here is deployed."""

"""Figures of docs/performance.md that need a stack of their own."""

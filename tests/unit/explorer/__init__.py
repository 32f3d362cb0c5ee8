"""The model explorer: every interleaving of a few workers, walked breadth first over the real table of moves.

`world` is what there is, `programs` what each worker does, `promises` what has to hold, `search` the walk.
"""

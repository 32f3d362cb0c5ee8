"""`make chaos`: the deployed template on this machine, hundreds of verifications, and everything going wrong at once.

The plan is made from one seed; the callers, the troubles and the watcher act on it; the judge alone says what came of
it, from the history that they leave: what the sandbox executed and billed, what its inbox received, and the table.
"""

"""The vendors, COS and a webhook inbox on this machine: `python -m sandbox --settings FILE`.

Law: one process, one event loop, three loopback ports; of the layer only the pure rooms are imported (wire, model,
problems, signing, vendors, exchange), so that what is under test never plays its own opponent. Nothing here reaches
another machine.

    app.py         starts and ends the three ports; settings.py: what it is told; __main__.py: the command line
    faceid*.py     the vendors' port: actions.py decides, by scenarios.py, quota.py, downloads.py and pictures.py;
                   faults.py hands the answer over, or does not; ledger.py is the vendor's bill
    cos*.py        the COS port: buckets.py and objects.py are what it keeps, events.py what it tells the relay
    inbox*.py      the webhook inbox, with a page for people
"""

"""The vendors, COS and a webhook inbox on this machine: `python -m sandbox --settings FILE`.

Law: one process, one event loop, three loopback ports; of the layer only the pure rooms are imported (wire, model,
problems, signing, vendors, exchange), so that what is under test never plays its own opponent. Nothing here reaches
another machine.

    app.py           starts and ends the three ports; settings.py: what it is told; __main__.py: the command line
    vendors_port.py  the vendors' port, and who plays whom. player.py takes one call through: quota.py, scenarios.py
                     (what may happen, in nobody's words), roles.py (the same in a vendor's), faults.py (hands the
                     answer over, or does not), ledger.py (the bill). One file for each protocol: tencent_reflect.py
                     with faceid_files.py, tencent_id.py, idcardcompare.py, yunjian.py, kuaidi100.py with tokens.py;
                     photo_player.py is what the last four share, with persons.py; all have downloads.py, pictures.py
    cos*.py          the COS port: buckets.py and objects.py are what it keeps, events.py what it tells the relay
    inbox*.py        the webhook inbox: inbox.py its port, inbox_gate.py whom it lets in, inbox_message.py what arrived,
                     inbox_live.py tells open pages, inbox_facegate.py asks for a delivery anew; inbox_page/ is what the
                     browser gets, by inbox_files.py
"""

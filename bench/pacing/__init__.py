"""How much of a vendor's quota is used, by whoever shares it out: `python -m bench.pacing`.

The real code of pacing on a real table, beside what else could be done, in one run.

    __main__.py    the command, and what it runs
    shown.py       the table for a person, the file for the picture
    clocks.py      processes on a clock: a virtual one that jumps, and the real one with threads
    vendors.py     whom the calls go to: the quota alone in virtual time, the sandbox over HTTP in real time
    strategies.py  when a worker may call: ours, and what others do
    workers.py     the backlog, the workers and one run of the function; the same on either clock
    template.py    what template.yaml gives the workers
    figures.py     what is counted, and what comes of it
    table.py       the table in MiniStack
    counted.py     a table whose writes are counted
    simulated.py   all strategies in virtual time
    real.py        some of them in real time
    bars.py        what has to hold
"""

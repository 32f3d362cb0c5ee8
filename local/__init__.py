"""The whole of Facegate on this machine: MiniStack plays AWS, the sandbox plays Tencent, template.yaml is the real one.

Loopback only, no account, no Docker. `python -m local up | run | down`, or `make up`, `make run`, `make down`.
"""

"""The command line without Node: `python -m permafrost run` on a cluster."""

"""The plug-in for pytest: a test for each stage, clause and kind of a series, and ordinary test functions under every interleaving.

Every pytest of whoever has installed the harness loads `hooks`, and no more of it until an option or a marker of ours is there.
"""

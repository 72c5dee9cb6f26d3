"""A faithful stand-in for the CROSS MALL Web API and its 3PL, run as its own process.

Start it with ``python -m crossmall.sandbox``; nothing here is shared with the client package.
"""

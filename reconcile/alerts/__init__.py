"""Telling people outside the desk: channels, the words of a message, and the two roads out (mail and HTTP)."""

"""Stands in for oauthlib where it is not installed: what a log-in raises."""


class OAuth2Error(Exception):
    """A log-in went wrong."""

    error = ""

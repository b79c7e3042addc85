"""The Metrics page: what is asked, how it is scored, and one section for each question a reader has."""

"""The steps from one edition of the review database to the next, which Alembic runs; none changes an entry."""

"""What is taken away."""

from app.export.tables import PUBLISHED_COLUMNS, VERDICT_COLUMNS, csv_safe, inventory_csv, latex, parquet, verdicts_csv

__all__ = ["PUBLISHED_COLUMNS", "VERDICT_COLUMNS", "csv_safe", "inventory_csv", "latex", "parquet", "verdicts_csv"]

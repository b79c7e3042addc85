"""What is taken away."""

from app.export.tables import VERDICT_COLUMNS, csv_safe, inventory_csv, latex, parquet, verdicts_csv

__all__ = ["VERDICT_COLUMNS", "csv_safe", "inventory_csv", "latex", "parquet", "verdicts_csv"]

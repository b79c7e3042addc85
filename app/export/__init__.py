"""What is taken away."""

from app.export.inventories import as_csv as inventory_csv
from app.export.tables import VERDICT_COLUMNS, csv_safe, latex, parquet, verdicts_csv

__all__ = ["VERDICT_COLUMNS", "csv_safe", "inventory_csv", "latex", "parquet", "verdicts_csv"]

"""Many events at once: each retrieved, detected, scored and exported as one task, here or on a Dask cluster."""

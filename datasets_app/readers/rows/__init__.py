"""How files hold rows: lines of JSON, a JSON list, CSV, Parquet. What a row means is a reader's."""

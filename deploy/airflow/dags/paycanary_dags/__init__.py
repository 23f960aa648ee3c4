"""What the DAGs share. Imports Airflow and the standard library, never paycanary: that lives in an interpreter of its own."""

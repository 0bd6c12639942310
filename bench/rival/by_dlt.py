"""dlt with Arrow tables, copied by ADBC, merged by its strategy upsert."""

import sys

import dlt
import pyarrow.parquet as pq
from task import asked

task = asked()
disposition = "append" if task.mode == "append" else {"disposition": "merge", "strategy": "upsert"}
resource = dlt.resource(
    pq.ParquetFile(task.parquet).iter_batches(batch_size=100_000), name=task.table, primary_key=task.keys or None,
    write_disposition=disposition,
)
pipeline = dlt.pipeline("rivals", pipelines_dir=sys.argv[2], dataset_name=task.schema,
                        destination=dlt.destinations.postgres(task.url))
pipeline.run(resource, loader_file_format="parquet").raise_on_failed_jobs()

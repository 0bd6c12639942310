"""Writes the files of this folder with pyarrow (pip install pyarrow), and what pyarrow reads in them as want.jsonl."""

import base64
import datetime
import decimal
import json
import pathlib
import random
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent
ROWS = 60
decimal.getcontext().prec = 80
random.seed(1)


def maybe(make):
    return [None if random.random() < 0.15 else make(i) for i in range(ROWS)]


def nested(depth):
    if random.random() < 0.15:
        return None
    return [None if random.random() < 0.2 else nested(depth - 1) if depth else random.randint(-5, 5) for _ in range(random.choice([0, 0, 1, 2, 3]))]


def scaled(digits, scale):
    limit = 10**digits - 1
    return lambda i: decimal.Decimal(random.choice([random.randint(-limit, limit), limit, -limit, 0, 1, -1])).scaleb(-scale)


def moments(unit, zone=None):
    reach = {"ms": 10**13, "us": 10**16, "ns": 9 * 10**18}[unit]
    values = maybe(lambda i: random.choice([random.randint(-reach, reach), -1, 0, -(10**6), 951782400 * 1000]))
    return pa.array(values, pa.int64()).cast(pa.timestamp(unit, zone))


def table():
    half = [0.5, -1.25, 6.103515625e-05, 5.960464477539063e-08, 65504.0, 0.0]
    texts = ["", 'a"b', "x\\y", "é😀", "tab\tnl\n\r\x01\x7f", "z" * 50]
    pair = pa.struct([("x", pa.int64()), ("y", pa.list_(pa.list_(pa.int64())))])
    inner = pa.struct([("c", pa.string()), ("d", pa.int32())])
    deep = pa.struct([("a", pa.int64()), ("b", inner), ("e", pa.list_(pa.int64()))])
    return pa.table({
        "boolean": pa.array(maybe(lambda i: i % 3 == 0)),
        "int8": pa.array(maybe(lambda i: i - 128), pa.int8()),
        "uint8": pa.array(maybe(lambda i: 255 - i), pa.uint8()),
        "uint32": pa.array(maybe(lambda i: 4294967295 - i), pa.uint32()),
        "uint64": pa.array(maybe(lambda i: 18446744073709551615 - i), pa.uint64()),
        "int64": pa.array(maybe(lambda i: i - 9223372036854775808), pa.int64()),
        "required": pa.array(range(ROWS), pa.int64()),
        "float16": pa.array(maybe(lambda i: random.choice(half)), pa.float16()),
        "float": pa.array(maybe(lambda i: random.random() * 10 ** random.randint(-30, 30)), pa.float32()),
        "double": pa.array(maybe(lambda i: random.random() * 10 ** random.randint(-300, 300)), pa.float64()),
        "string": pa.array(maybe(lambda i: random.choice(texts))),
        "binary": pa.array(maybe(lambda i: bytes([i % 256, 255, 0])), pa.binary()),
        "base16": pa.array(maybe(lambda i: bytes([i % 256, 255, 0])), pa.binary()),
        "fixed": pa.array(maybe(lambda i: bytes([i % 256] * 5)), pa.binary(5)),
        "decimal9": pa.array(maybe(scaled(9, 4)), pa.decimal128(9, 4)),
        "decimal18": pa.array(maybe(scaled(18, 9)), pa.decimal128(18, 9)),
        "decimal38": pa.array(maybe(scaled(38, 10)), pa.decimal128(38, 10)),
        "decimal76": pa.array(maybe(scaled(76, 20)), pa.decimal256(76, 20)),
        "integer38": pa.array(maybe(scaled(38, 0)), pa.decimal128(38, 0)),
        "date": pa.array(maybe(lambda i: datetime.date(1, 1, 1) + datetime.timedelta(days=random.randint(0, 3652058))), pa.date32()),
        "time_ms": pa.array(maybe(lambda i: datetime.time(i % 24, i, 59)), pa.time32("ms")),
        "time_us": pa.array(maybe(lambda i: datetime.time(i % 24, i, 59, random.choice([0, 1, 999999]))), pa.time64("us")),
        "time_ns": pa.array(maybe(lambda i: random.randint(0, 86400 * 10**9 - 1)), pa.int64()).cast(pa.time64("ns")),
        "local_ms": moments("ms"), "utc_us": moments("us", "UTC"), "zone_ns": moments("ns", "America/New_York"),
        "uuid": pa.array(maybe(lambda i: uuid.UUID(int=random.getrandbits(128)).bytes), pa.uuid()),
        "null": pa.nulls(ROWS),
        "list": pa.array([nested(0) for _ in range(ROWS)], pa.list_(pa.int64())),
        "lists": pa.array([nested(2) for _ in range(ROWS)], pa.list_(pa.list_(pa.list_(pa.int32())))),
        "struct": pa.array(maybe(lambda i: {"a": random.choice([None, i]), "b": random.choice([None, {"c": str(i), "d": None}]), "e": nested(0)}), deep),
        "structs": pa.array(maybe(lambda i: [random.choice([None, {"x": j, "y": nested(1)}]) for j in range(i % 4)]), pa.list_(pair)),
        "map": pa.array(maybe(lambda i: [(f"k{j}", random.choice([None, j])) for j in range(i % 3)]), pa.map_(pa.string(), pa.int64())),
        "int_map": pa.array(maybe(lambda i: [(j, {"x": j, "y": [[j] * j]}) for j in range(i % 3)]), pa.map_(pa.int32(), pair)),
        "nulls": pa.array([[None] * (i % 3) for i in range(ROWS)], pa.list_(pa.null())),
    })


def fraction(n, digits):
    return "" if n == 0 else "." + str(n).zfill(digits)


def clock(n, digits):
    second, rest = divmod(n, 10**digits)
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" + fraction(rest, digits)


def moment(n, digits, utc):
    second, rest = divmod(n, 10**digits)
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second)
    return day.isoformat() + fraction(rest, digits) + ("Z" if utc else "")


DIGITS = {"ms": 3, "us": 6, "ns": 9}


def text(kind, v):
    if v is None:
        return "null"
    if pa.types.is_struct(kind):
        return "{" + ",".join(json.dumps(f.name) + ":" + text(f.type, v[f.name]) for f in kind) + "}"
    if pa.types.is_map(kind):
        return "{" + ",".join(json.dumps(str(k)) + ":" + text(kind.item_type, x) for k, x in v) + "}"
    if pa.types.is_list(kind):
        return "[" + ",".join(text(kind.value_type, x) for x in v) + "]"
    if pa.types.is_decimal(kind):
        return format(v, "f")
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return json.dumps(base64.b64encode(v).decode())
    if isinstance(v, (uuid.UUID, datetime.date)):
        return json.dumps(str(v))
    return json.dumps(v)


def column(name, c):
    kind = c.type
    if pa.types.is_timestamp(kind):
        return ["null" if v is None else json.dumps(moment(v, DIGITS[kind.unit], kind.tz)) for v in c.cast(pa.int64()).to_pylist()]
    if pa.types.is_time(kind):
        whole = c.cast(pa.int32() if pa.types.is_time32(kind) else pa.int64())
        return ["null" if v is None else json.dumps(clock(v, DIGITS[kind.unit])) for v in whole.to_pylist()]
    if name == "base16":
        return ["null" if v is None else json.dumps(v.hex()) for v in c.to_pylist()]
    return [text(kind, v) for v in c.to_pylist()]


t = table()
columns = {name: column(name, t[name].combine_chunks()) for name in t.column_names}
with open(HERE / "want.jsonl", "w") as f:
    for i in range(ROWS):
        f.write("{" + ",".join(json.dumps(n) + ":" + c[i] for n, c in columns.items()) + "}\n")
lean = {"write_statistics": False, "store_schema": False}
pq.write_table(t, HERE / "dictionary.parquet", **lean)
pq.write_table(t, HERE / "pages.parquet", row_group_size=23, data_page_size=30, use_dictionary=False, compression="zstd",
               data_page_version="2.0", store_decimal_as_integer=True, **lean)
pq.write_table(t, HERE / "deltas.parquet", row_group_size=50, compression="gzip", use_dictionary=["string"], use_compliant_nested_type=False,
               column_encoding={"int64": "DELTA_BINARY_PACKED", "double": "BYTE_STREAM_SPLIT", "binary": "DELTA_BYTE_ARRAY",
                                "fixed": "DELTA_BYTE_ARRAY", "base16": "DELTA_LENGTH_BYTE_ARRAY", "utc_us": "DELTA_BINARY_PACKED"}, **lean)
pq.write_table(t.drop_columns(["time_ns", "zone_ns", "local_ms", "utc_us", "float16"]), HERE / "old.parquet", compression="lz4", version="1.0", **lean)
old = pa.table({"at": pa.array([None, -1, 0, 1 << 60, -(1 << 62)], pa.int64()).cast(pa.timestamp("ns"))})
pq.write_table(old, HERE / "int96.parquet", use_deprecated_int96_timestamps=True, compression="none", **lean)
names = pa.schema([("id", pa.int64()), ("ID", pa.string()), ("id", pa.int64()), ('a.b "c"', pa.bool_()), ("", pa.int64())])
with pq.ParquetWriter(HERE / "names.parquet", names, **lean) as w:
    for rows in [1, 0, 1]:
        w.write_table(pa.Table.from_arrays([pa.array([v] * rows, f.type) for f, v in zip(names, [1, "x", 2, True, 3])], schema=names))

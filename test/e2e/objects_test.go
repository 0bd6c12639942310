package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"target-postgres/internal/pgtest"
	"target-postgres/internal/s3test"
)

// newS3 starts an S3 server with files in it, and makes it the environment's.
func newS3(t *testing.T, files map[string][]byte) {
	t.Helper()
	server := s3test.Start()
	t.Cleanup(server.Close)
	for name, content := range files {
		bucket, key, _ := strings.Cut(name, "/")
		if err := server.Put(t.Context(), bucket, key, content); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range server.Environment() {
		t.Setenv(name, value)
	}
}

// records are rows of JSON, from one id to before another.
func records(from, to int) []byte {
	var out bytes.Buffer
	for id := from; id < to; id++ {
		fmt.Fprintf(&out, "{\"id\":%d,\"v\":\"%d é\"}\n", id, id*id)
	}
	return out.Bytes()
}

// Files in an S3 server are loaded as those of the local disk, however they are compressed and named. Nothing that is
// printed, at any level, has a credential.
func TestBatchFilesInS3(t *testing.T) {
	var zipped, zstandard bytes.Buffer
	gz := gzip.NewWriter(&zipped)
	_, _ = gz.Write(records(1000, 2000))
	_ = gz.Close()
	zs, err := zstd.NewWriter(&zstandard)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = zs.Write(records(2000, 3000))
	_ = zs.Close()
	parquet, err := os.ReadFile("testdata/scenarios/batch-files-in-parquet/files/all types.parquet")
	if err != nil {
		t.Fatal(err)
	}
	newS3(t, map[string][]byte{
		"lake/raw/plain=1.jsonl": records(0, 1000), "my.lake/a b#1.jsonl.gz": zipped.Bytes(), "lake/raw/z": zstandard.Bytes(),
		"lake/raw/x.parquet": parquet,
	})
	schema := pgtest.Schema(t)
	batch := `{"type":"BATCH","stream":"t","encoding":{"format":"jsonl","compression":%q},"manifest":[%q]}` + "\n"
	input := `{"type":"SCHEMA","stream":"t","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"},"v":{"type":"string"}}}}` + "\n" +
		fmt.Sprintf(batch, "none", "s3://lake/raw/plain=1.jsonl") + fmt.Sprintf(batch, "gzip", "s3://my.lake/a%20b%231.jsonl.gz") +
		fmt.Sprintf(batch, "zstd", "s3://lake/raw/z") +
		`{"type":"SCHEMA","stream":"p","schema":{"properties":{"id":{"type":"integer"},"price":{"type":"number"}}}}` + "\n" +
		`{"type":"BATCH","stream":"p","encoding":{"format":"parquet"},"manifest":["s3://lake/raw/x.parquet"]}` + "\n" + `{"type":"STATE","value":1}` + "\n"
	cfg := map[string]any{"url": pgtest.LoaderURL(t), "schema": schema}
	output, code := said(t, input, cfg)
	if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, output)
	}
	noCredential(t, output)
	var got, want string
	query := fmt.Sprintf(`SELECT count(*) || ' ' || md5(string_agg(id || v, ',' ORDER BY id)) FROM %q.t`, schema)
	if err := pgtest.Connect(t).QueryRow(context.Background(), query).Scan(&got); err != nil {
		t.Fatal(err)
	}
	wanted := `SELECT count(*) || ' ' || md5(string_agg(id || (id * id)::text || ' é', ',' ORDER BY id)) FROM generate_series(0, 2999) id`
	if err := pgtest.Connect(t).QueryRow(context.Background(), wanted).Scan(&want); err != nil || got != want {
		t.Errorf("the table has %s, want %s (%v)", got, want, err)
	}

	if err := pgtest.Connect(t).QueryRow(context.Background(), fmt.Sprintf(`SELECT string_agg(id || ' ' || price, ',') FROM %q.p`, schema)).Scan(&got); err != nil ||
		got != "1 12345678901234567890123456.0123456789" {
		t.Errorf("the table of the Parquet file has %s (%v)", got, err)
	}

	output, code = said(t, input+fmt.Sprintf(batch, "none", "s3://lake/raw/none"), cfg)
	if code != 1 || !strings.Contains(output, `input line 8, stream "t": BATCH file cannot be opened: s3://lake/raw/none: there is no such file (NoSuchKey`) {
		t.Errorf("exit code %d:\n%s", code, output)
	}
	noCredential(t, output)
}

func noCredential(t *testing.T, output string) {
	t.Helper()
	for _, secret := range s3test.Credentials {
		if strings.Contains(output, secret) {
			t.Errorf("the output holds %q:\n%s", secret, output)
		}
	}
}

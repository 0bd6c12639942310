package report_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// narrow is the width of a telephone.
const narrow = 360

// measures is a frame of a telephone's width around the page. Its script says in its title how wide the page is in it.
const measures = `<!doctype html><iframe id="f" src="page.html" width="360" height="800"></iframe><script>
onload = () => { const d = document.getElementById("f").contentDocument; document.title = d.documentElement.scrollWidth + "/" + d.querySelectorAll(".stream").length }
</script>`

// TestBrowserShowsThePageOnATelephone draws the page in a real browser. CI installs one.
func TestBrowserShowsThePageOnATelephone(t *testing.T) {
	t.Parallel()
	browser := os.Getenv("TEST_BROWSER")
	if browser == "" {
		t.Skip("TEST_BROWSER names no browser such as chromium: how the page looks is not tested")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"page.html": page(t, failed()), "frame.html": measures} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--virtual-time-budget=10000", "--dump-dom", "file://"+filepath.Join(dir, "frame.html"))
	shown, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`<title>(\d+)/(\d+)</title>`).FindSubmatch(shown)
	if found == nil {
		t.Fatalf("the browser did not draw the page:\n%s", shown)
	}
	if width, _ := strconv.Atoi(string(found[1])); width > narrow || width < narrow/2 {
		t.Errorf("the page is %d pixels wide on a telephone of %d", width, narrow)
	}
	if string(found[2]) != "3" {
		t.Errorf("it shows %s streams, want 3", found[2])
	}
}

package pgserver

import (
	"io"
	"os"
)

// logLimit is the size from which on a start begins a new log.
const logLimit = 10 << 20

// tailLimit is how much of the end of a log is worth reading.
const tailLimit = 64 << 10

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// tailFrom returns what was added to the file after offset, at most the last tailLimit bytes, and nothing when it
// cannot be read: it only ever explains another error.
func tailFrom(path string, offset int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	offset = max(offset, fileSize(path)-tailLimit)
	text, _ := io.ReadAll(io.NewSectionReader(f, offset, tailLimit))
	return string(text)
}

// rotateLog limits the size of a durable server's log, which no other program rotates.
func (s *Server) rotateLog() error {
	if fileSize(s.logFile()) < logLimit {
		return nil
	}
	return os.Rename(s.logFile(), s.logFile()+".old")
}

package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"
)

// journal remembers what a batch has done, one JSON object per line, so that the next run leaves that out. A nil one
// remembers nothing.
type journal struct {
	mu     sync.Mutex
	file   *os.File
	last   map[string]journalEntry // by key
	writer map[string]string       // key of what wrote a file last
}

// journalEntry is what became of an item.
type journalEntry struct {
	Time    time.Time `json:"time"`
	Key     string    `json:"key"`            // what was to be done
	State   string    `json:"state"`          // what the item was like then: another state is another item
	File    string    `json:"file,omitempty"` // that was written
	Outcome string    `json:"outcome"`
	Error   string    `json:"error,omitempty"`
}

// openJournal opens or begins the journal in a file.
func openJournal(path string) (*journal, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, usage("--resume: %w", err)
	}
	j := &journal{last: map[string]journalEntry{}, writer: map[string]string{}}
	for i, line := range bytes.Split(content, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var entry journalEntry
		if err := json.Unmarshal(line, &entry); err == nil && entry.Key != "" {
			j.last[entry.Key] = entry
			if entry.File != "" {
				j.writer[entry.File] = entry.Key
			}
		} else if i == 0 {
			return nil, usage("--resume: %s is no journal of tabctl", path) // and is left as it is
		} // else the line was torn by a machine that stopped: its item is done again
	}
	if j.file, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, usage("--resume: %w", err)
	}
	if len(content) > 0 && !bytes.HasSuffix(content, []byte("\n")) {
		if _, err := j.file.WriteString("\n"); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// has reports whether the item has been done in this state, and what was written is still there.
func (j *journal) has(key, state string) bool {
	if j == nil {
		return false
	}
	entry, ok := j.last[key]
	if !ok || entry.Outcome != outcomeDone || entry.State != state {
		return false
	}
	if entry.File == "" {
		return true
	}
	_, err := os.Stat(entry.File)
	return err == nil && j.writer[entry.File] == key
}

// add writes down what became of an item, in one piece: whoever stops the program finds whole lines.
func (j *journal) add(entry journalEntry) error {
	if j == nil {
		return nil
	}
	entry.Time = time.Now().UTC().Truncate(time.Second)
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return j.file.Close()
}

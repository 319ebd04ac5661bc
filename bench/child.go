package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/tabctl/tableau-go/tableau"
)

// child does one task with our client and prints how many bytes were resident
// at most.
func child(arguments []string) error {
	if len(arguments) != 3 {
		return fmt.Errorf("a task has 3 arguments, not %d", len(arguments))
	}
	task, url, argument := arguments[0], arguments[1], arguments[2]
	options := []tableau.Option{
		tableau.WithSession(tableau.Session{Token: token, SiteID: site, UserID: user}), tableau.WithAPIVersion(version),
	}
	if strings.HasSuffix(task, "-in-turn") {
		options = append(options, tableau.WithPrefetch(0), tableau.WithParallelBlocks(1))
	}
	c, err := tableau.New(url, options...)
	if err != nil {
		return err
	}
	ctx := context.Background()
	switch task {
	case "list", "list-in-turn":
		var want, count int
		if want, err = strconv.Atoi(argument); err != nil {
			return err
		}
		for _, err := range c.Workbooks.List(ctx, tableau.Query{}) {
			if err != nil {
				return err
			}
			count++
		}
		if count != want {
			return fmt.Errorf("the list held %d workbooks, not %d", count, want)
		}
	case "upload", "upload-in-turn", "upload-pipe":
		f, err := os.Open(argument)
		if err != nil {
			return err
		}
		defer f.Close()
		var whole io.Reader = f
		if task == "upload-pipe" {
			whole = struct{ io.Reader }{f}
		}
		if _, err := c.FileUploads.Upload(ctx, whole, nil); err != nil {
			return err
		}
	case "download":
		if _, err := c.Workbooks.DownloadFile(ctx, "w", argument, tableau.DownloadOptions{}); err != nil {
			return err
		}
	default:
		return fmt.Errorf("there is no task %s", task)
	}
	fmt.Println(peak())
	return nil
}

// peak returns how many bytes of this process were resident at most, 0 where the
// system does not tell. It is not getrusage's number, which counts the parent's
// memory, too.
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kilobytes, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

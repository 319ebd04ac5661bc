package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

const emulatorToken, emulatorSecret = "bench", "secret"

// emulator is a process, whose memory is not that of our tasks, with a client of it.
type emulator struct {
	process *exec.Cmd
	client  *tableau.Client
	project string // where to publish
}

func (b *bench) emulator(arguments ...string) (*emulator, error) {
	path, err := b.tabctl()
	if err != nil {
		return nil, err
	}
	e := &emulator{process: exec.Command(path, append([]string{"emulator", "--addr", "127.0.0.1:0", "--pat", emulatorToken + ":" + emulatorSecret}, arguments...)...)}
	out, err := e.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := e.process.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		e.stop()
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
	if e.client, err = tableau.New(address, tableau.WithCredentials(tableau.PersonalAccessToken{Name: emulatorToken, Secret: emulatorSecret})); err != nil {
		e.stop()
		return nil, err
	}
	for project, err := range e.client.Projects.List(context.Background(), tableau.Query{}) {
		if err != nil {
			e.stop()
			return nil, err
		}
		e.project = project.ID
	}
	return e, nil
}

func (e *emulator) stop() {
	_ = e.process.Process.Kill() // what it keeps is thrown away
	_ = e.process.Wait()
}

// publish fills the site.
func (e *emulator) publish(workbooks int) error {
	file := sample.Workbook()
	return inParallel(8, workbooks, func(ctx context.Context, i int) error {
		_, err := e.client.Workbooks.Publish(ctx, bytes.NewReader(file), tableau.PublishWorkbook{
			Name: fmt.Sprintf("Workbook %d", i), ProjectID: e.project, FileName: "workbook.twbx",
		})
		return err
	})
}

// inParallel does the task count times, several at a time.
func inParallel(atATime, count int, task func(ctx context.Context, i int) error) error {
	var next atomic.Int64
	problems := make([]error, atATime)
	var group sync.WaitGroup
	for worker := range atATime {
		group.Go(func() {
			for problems[worker] == nil {
				i := int(next.Add(1))
				if i > count {
					return
				}
				problems[worker] = task(context.Background(), i)
			}
		})
	}
	group.Wait()
	return errors.Join(problems...)
}

// filled starts an emulator with 1,000 workbooks in files.
func (b *bench) filled() (*emulator, error) {
	dir, err := os.MkdirTemp(b.dir, "emulator")
	if err != nil {
		return nil, err
	}
	e, err := b.emulator("--data", dir)
	if err != nil {
		return nil, err
	}
	if err := e.publish(1000); err != nil {
		e.stop()
		return nil, err
	}
	return e, nil
}

func (b *bench) emulatorGet() (result, error) {
	e, err := b.filled()
	if err != nil {
		return result{}, err
	}
	defer e.stop()
	page, err := e.client.Workbooks.Page(context.Background(), tableau.Query{PageSize: 1})
	if err != nil {
		return result{}, err
	}
	return timed(16, 20_000, func(ctx context.Context, _ int) error {
		_, err := e.client.Workbooks.Get(ctx, page.Items[0].ID)
		return err
	})
}

func (b *bench) emulatorPage() (result, error) {
	e, err := b.filled()
	if err != nil {
		return result{}, err
	}
	defer e.stop()
	return timed(4, 300, func(ctx context.Context, _ int) error {
		page, err := e.client.Workbooks.Page(ctx, tableau.Query{PageSize: 1000})
		if err == nil && len(page.Items) != 1000 {
			err = fmt.Errorf("the page holds %d workbooks", len(page.Items))
		}
		return err
	})
}

func timed(atATime, count int, task func(ctx context.Context, i int) error) (result, error) {
	start := time.Now()
	err := inParallel(atATime, count, task)
	return result{time: time.Since(start), count: count}, err
}

func (b *bench) emulatorPublish() (result, error) {
	dir, err := os.MkdirTemp(b.dir, "emulator")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	if _, err := os.Stat(b.archive()); err != nil {
		if err := b.writeArchive(); err != nil {
			return result{}, err
		}
	}
	e, err := b.emulator("--data", dir)
	if err != nil {
		return result{}, err
	}
	defer e.stop()
	start := time.Now()
	_, err = e.client.Workbooks.PublishFile(context.Background(), b.archive(), tableau.PublishWorkbook{ProjectID: e.project})
	return result{time: time.Since(start)}, err
}

// archive is the path of a workbook that the emulator takes.
func (b *bench) archive() string { return filepath.Join(b.dir, "archive.twbx") }

// writeArchive makes it: the sample with much data.
func (b *bench) writeArchive() error {
	small := sample.Workbook()
	from, err := zip.NewReader(bytes.NewReader(small), int64(len(small)))
	if err != nil {
		return err
	}
	f, err := os.Create(b.archive())
	if err != nil {
		return err
	}
	defer f.Close()
	to := zip.NewWriter(f)
	for _, entry := range from.File {
		if err := to.Copy(entry); err != nil {
			return err
		}
	}
	data, err := to.CreateHeader(&zip.FileHeader{Name: "Data/large.bin", Method: zip.Store})
	if err != nil {
		return err
	}
	whole, err := os.Open(b.file)
	if err != nil {
		return err
	}
	defer whole.Close()
	if _, err := io.Copy(data, whole); err != nil {
		return err
	}
	return errors.Join(to.Close(), f.Sync())
}

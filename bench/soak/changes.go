package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// blockSize is how much of a file that goes in blocks is in each.
const blockSize = 128 << 10

func (w *worker) text() string { return fmt.Sprintf("text %d", w.random.Uint32()) }

func (w *worker) bytes(n int) []byte {
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(w.random.Uint32())
	}
	data := make([]byte, n)
	rand.NewChaCha8(seed).Read(data) // it never fails
	return data
}

func (w *worker) createProject(i *item) {
	description := w.text()
	o := w.write("create "+i.name, func(ctx context.Context) error {
		p, err := w.client.Projects.Create(ctx, tableau.CreateProject{Name: i.name, Description: description})
		if err == nil {
			i.id = p.ID
		}
		return err
	})
	i.set("description", description, o)
	w.created(i, o)
}

func (w *worker) changeProject(i *item) {
	description := w.text()
	i.set("description", description, w.write("update "+i.name, func(ctx context.Context) error {
		_, err := w.client.Projects.Update(ctx, i.id, tableau.ProjectUpdate{Description: &description})
		return err
	}))
}

func (w *worker) role() tableau.SiteRole {
	return []tableau.SiteRole{tableau.RoleViewer, tableau.RoleExplorer, tableau.RoleCreator}[w.random.IntN(3)]
}

func (w *worker) createUser(i *item) {
	role := w.role()
	o := w.write("add "+i.name, func(ctx context.Context) error {
		u, err := w.client.Users.Add(ctx, tableau.AddUser{Name: i.name, SiteRole: role})
		if err == nil {
			i.id = u.ID
		}
		return err
	})
	i.set("site role", string(role), o)
	w.created(i, o)
}

func (w *worker) changeUser(i *item) {
	role := w.role()
	i.set("site role", string(role), w.write("update "+i.name, func(ctx context.Context) error {
		_, err := w.client.Users.Update(ctx, i.id, tableau.UserUpdate{SiteRole: &role})
		return err
	}))
}

func (w *worker) createGroup(i *item) {
	o := w.write("create "+i.name, func(ctx context.Context) error {
		g, err := w.client.Groups.Create(ctx, tableau.CreateGroup{Name: i.name})
		if err == nil {
			i.id = g.ID
		}
		return err
	})
	w.created(i, o)
}

// changeGroup adds a member, or removes one.
func (w *worker) changeGroup(i *item) {
	user := w.anySure(&users)
	if user == nil {
		return
	}
	sure, known := i.marks[user.name]
	switch {
	case known && !sure: // adding it again might be a conflict
	case known:
		i.mark(user.name, false, w.write("remove a member of "+i.name, func(ctx context.Context) error {
			return ignoreRepeated(ctx, w.client.Groups.RemoveUser(ctx, i.id, user.id), tableau.ErrNotFound)
		}))
	default:
		i.mark(user.name, true, w.write("add a member to "+i.name, func(ctx context.Context) error {
			_, err := w.client.Groups.AddUser(ctx, i.id, user.id)
			return err
		}))
	}
}

// newWorkbook is a workbook with a file in it that no other has.
func (w *worker) newWorkbook() []byte {
	original := sample.Workbook()
	from, err := zip.NewReader(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		panic(err) // the sample is one
	}
	var made bytes.Buffer
	to := zip.NewWriter(&made)
	for _, f := range from.File {
		if err := to.Copy(f); err != nil {
			panic(err) // memory does not fail
		}
	}
	size := w.random.IntN(64 << 10)
	if w.random.IntN(4) == 0 {
		size = w.random.IntN(1 << 20)
	}
	filler, err := to.CreateHeader(&zip.FileHeader{Name: "Data/filler.bin"})
	if err == nil {
		_, err = filler.Write(w.bytes(size))
	}
	if err := errors.Join(err, to.Close()); err != nil {
		panic(err) // memory does not fail
	}
	return made.Bytes()
}

// newExtract is a file that begins like an extract.
func (w *worker) newExtract() []byte {
	return append([]byte("Hyper\x08\x00\x00\x01\x00\x00\x00"), w.bytes(1000+w.random.IntN(100<<10))...)
}

// reader reads a file in place, or so that it must go in blocks.
func (w *worker) reader(file []byte) io.Reader {
	if w.random.IntN(2) == 0 {
		return struct{ io.Reader }{bytes.NewReader(file)}
	}
	return bytes.NewReader(file)
}

func digest(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// place puts a new item into one of the client's projects, or into the default
// one.
func (w *worker) place(i *item) (projectID string) {
	if i.project = w.anySure(&projects); i.project == nil || w.random.IntN(2) == 0 {
		i.project = nil
		return ""
	}
	return i.project.id
}

func (w *worker) createWorkbook(i *item) {
	file := w.newWorkbook()
	how := tableau.PublishWorkbook{Name: i.name, ProjectID: w.place(i)}
	if w.random.IntN(4) == 0 {
		w.publishLater(i, file, how)
		return
	}
	o := w.write("publish "+i.name, func(ctx context.Context) error {
		made, err := w.client.Workbooks.Publish(ctx, w.reader(file), how)
		if err == nil {
			i.id = made.ID
		}
		return err
	})
	i.set("content", digest(file), o)
	i.set("description", "", o)
	w.created(i, o)
}

// publishLater publishes as a job. The item is known when the job has ended.
func (w *worker) publishLater(i *item, file []byte, how tableau.PublishWorkbook) {
	var job *tableau.Job
	o := w.write("publish "+i.name+" as a job", func(ctx context.Context) (err error) {
		job, err = w.client.Workbooks.PublishAsJob(ctx, w.reader(file), how)
		return err
	})
	i.set("content", digest(file), o)
	i.set("description", "", o)
	w.created(i, o)
	if o == unknown || o == done && !w.await(job) {
		i.frozen = time.Now().Add(time.Minute) // longer than jobs take
	}
	i.unsure = true // its ID is not known before it has been looked for
}

// await waits for an acknowledged job, which must succeed, and reports whether
// it has been seen to.
func (w *worker) await(job *tableau.Job) bool {
	w.jobs = append(w.jobs, job.ID)
	w.soak.tally.jobs.Add(1)
	ended := w.hasEnded(job.ID)
	if !ended {
		w.open = append(w.open, job.ID)
	}
	return ended
}

// hasEnded waits for a job, and reports whether it has been seen to succeed.
func (w *worker) hasEnded(id string) bool {
	return w.read("wait for job "+id, func(ctx context.Context) error {
		_, err := w.client.Jobs.Wait(ctx, id, tableau.WaitOptions{Interval: 50 * time.Millisecond})
		return err
	})
}

func (w *worker) changeWorkbook(i *item) {
	switch w.random.IntN(4) {
	case 0:
		file := w.newWorkbook()
		how := tableau.PublishWorkbook{Name: i.name, Mode: tableau.Overwrite}
		if i.project != nil {
			if how.ProjectID = i.project.id; i.project.unsure {
				return
			}
		}
		i.set("content", digest(file), w.write("publish "+i.name+" again", func(ctx context.Context) error {
			made, err := w.client.Workbooks.Publish(ctx, w.reader(file), how)
			if err == nil && made.ID != i.id {
				err = fmt.Errorf("it has become %s", made.ID)
			}
			return err
		}))
	case 1:
		description := w.text()
		i.set("description", description, w.write("update "+i.name, func(ctx context.Context) error {
			_, err := w.client.Workbooks.Update(ctx, i.id, tableau.WorkbookUpdate{Description: &description})
			return err
		}))
	default:
		w.changeTags(i, tableau.Content{Type: tableau.ContentWorkbook, ID: i.id})
	}
}

// changeTags adds a tag, or removes one.
func (w *worker) changeTags(i *item, content tableau.Content) {
	if tags := i.sureMarks(); len(tags) > 3 {
		tag := tags[w.random.IntN(len(tags))]
		i.mark(tag, false, w.write("untag "+i.name, func(ctx context.Context) error {
			return ignoreRepeated(ctx, w.client.Tags.Delete(ctx, content, tag), tableau.ErrNotFound)
		}))
		return
	}
	tag := fmt.Sprintf("tag-%d", w.random.Uint32())
	i.mark(tag, true, w.write("tag "+i.name, func(ctx context.Context) error {
		_, err := w.client.Tags.Add(ctx, content, tag)
		return err
	}))
}

func (w *worker) createDataSource(i *item) {
	file := w.newExtract()
	how := tableau.PublishDataSource{Name: i.name, ProjectID: w.place(i)}
	o := w.write("publish "+i.name, func(ctx context.Context) error {
		made, err := w.client.DataSources.Publish(ctx, w.reader(file), how)
		if err == nil {
			i.id = made.ID
		}
		return err
	})
	i.set("content", digest(file), o)
	i.set("note", "", o)
	w.created(i, o)
}

// changeDataSource changes its note or its tags, or has its extract refreshed.
func (w *worker) changeDataSource(i *item) {
	switch w.random.IntN(3) {
	case 0:
		note := w.text()
		i.set("note", note, w.write("update "+i.name, func(ctx context.Context) error {
			_, err := w.client.DataSources.Update(ctx, i.id, tableau.DataSourceUpdate{Certified: new(true), CertificationNote: &note})
			return err
		}))
	case 1:
		w.changeTags(i, tableau.Content{Type: tableau.ContentDataSource, ID: i.id})
	default:
		var job *tableau.Job
		if w.write("refresh "+i.name, func(ctx context.Context) (err error) {
			job, err = w.client.DataSources.Refresh(ctx, i.id)
			if errors.Is(err, tableau.ErrConflict) {
				job, err = nil, nil // the job of an earlier request, whose answer was lost, waits
			}
			return err
		}) == done && job != nil {
			w.await(job)
		}
	}
}

// download fetches a file, into a file or through a writer, and compares it.
func (w *worker) download(i *item) {
	var got string
	if w.read("download "+i.name, func(ctx context.Context) (err error) {
		got, err = w.fetch(ctx, i, w.random.IntN(2) == 0)
		return err
	}) {
		w.soak.tally.downloads.Add(1)
		w.check(i, found{i.id, i.name, map[string]string{"content": got}, nil}, "that was downloaded")
	}
	if left, err := os.ReadDir(w.dir); err != nil || len(left) > 0 {
		w.soak.tally.problem("client %d: a download has left %v behind: %v", w.number, left, err)
	}
}

// fetch returns the digest of an item's file.
func (w *worker) fetch(ctx context.Context, i *item, toFile bool) (string, error) {
	if toFile {
		download := w.client.Workbooks.DownloadFile
		if i.kind == &dataSources {
			download = w.client.DataSources.DownloadFile
		}
		d, err := download(ctx, i.id, w.dir, tableau.DownloadOptions{})
		if err != nil {
			return "", err
		}
		file, err := os.ReadFile(d.Path)
		return digest(file), errors.Join(err, os.Remove(d.Path))
	}
	var sum hash.Hash = sha256.New()
	download := w.client.Workbooks.Download
	if i.kind == &dataSources {
		download = w.client.DataSources.Download
	}
	_, err := download(ctx, i.id, sum, tableau.DownloadOptions{})
	return hex.EncodeToString(sum.Sum(nil)), err
}

package tableau_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/emulator"
	"github.com/tabctl/tableau-go/internal/sample"
	"github.com/tabctl/tableau-go/tableau"
)

// server is one emulator for all tests and examples of the package: each has a
// site of its own on it.
var server = sync.OnceValue(func() *emulator.Server {
	s, err := emulator.New()
	if err == nil {
		_, err = s.Listen("127.0.0.1:0")
	}
	if err != nil {
		panic(err)
	}
	return s
})

func TestMain(m *testing.M) {
	code := m.Run()
	if err := server().Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// site returns a client signed in to a site of its own.
func site(t *testing.T, options ...tableau.Option) *tableau.Client {
	t.Helper()
	site := server().NewSite(t)
	c, err := tableau.New(server().URL, append([]tableau.Option{
		tableau.WithSite(site.ContentURL),
		tableau.WithCredentials(tableau.PersonalAccessToken{Name: site.TokenName, Secret: site.TokenSecret}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func publishSample(t *testing.T, c *tableau.Client) (*tableau.Project, *tableau.Workbook) {
	t.Helper()
	project, err := c.Projects.Create(t.Context(), tableau.CreateProject{Name: "Bakery", Description: "Deliveries"})
	if err != nil {
		t.Fatal(err)
	}
	workbook, err := c.Workbooks.Publish(t.Context(), bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{
		Name: sample.Name, ProjectID: project.ID, ShowTabs: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return project, workbook
}

// TestEndToEnd takes a workbook through all that the client does with one.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)

	info, err := c.Server.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if version, err := c.APIVersion(ctx); err != nil || string(version) != info.RESTAPIVersion {
		t.Errorf("the client speaks %s (%v), the server %s", version, err, info.RESTAPIVersion)
	}
	project, workbook := publishSample(t, c)
	if workbook.Name != sample.Name || workbook.Project.ID != project.ID || !workbook.ShowTabs {
		t.Errorf("published %+v", workbook)
	}

	listed, err := tableau.Collect(c.Workbooks.List(ctx, tableau.Query{Filter: []tableau.Filter{tableau.Eq("name", sample.Name)}}), -1)
	if err != nil || len(listed) != 1 || listed[0].ID != workbook.ID {
		t.Fatalf("List = %v, %v", listed, err)
	}
	got, err := c.Workbooks.Get(ctx, workbook.ID)
	if err != nil || got.ContentURL != workbook.ContentURL || len(got.Views) == 0 {
		t.Fatalf("Get = %+v, %v", got, err)
	}
	connections, err := c.Workbooks.Connections(ctx, workbook.ID)
	if err != nil || len(connections) == 0 {
		t.Errorf("Connections = %v, %v", connections, err)
	}

	views, err := c.Workbooks.Views(ctx, workbook.ID)
	if err != nil || len(views) < 4 {
		t.Fatalf("Views = %v, %v; want the sample's worksheets and dashboard", views, err)
	}
	for _, view := range views {
		var csv, picture, pdf, thumbnail bytes.Buffer
		err := errors.Join(
			c.Views.CSV(ctx, view.ID, &csv, tableau.CSVOptions{}),
			c.Views.Image(ctx, view.ID, &picture, tableau.ImageOptions{HighResolution: true}),
			c.Views.PDF(ctx, view.ID, &pdf, tableau.PDFOptions{PageType: tableau.PageA4, Orientation: tableau.Landscape}),
			c.Views.PreviewImage(ctx, workbook.ID, view.ID, &thumbnail),
		)
		if err != nil {
			t.Errorf("%s: %v", view.Name, err)
			continue
		}
		if lines := strings.Count(csv.String(), "\n"); lines < 2 {
			t.Errorf("%s: the CSV has %d lines", view.Name, lines)
		}
		decoded, err := png.Decode(&picture)
		if err != nil || decoded.Bounds().Dx() != 1568 {
			t.Errorf("%s: image of %v, %v; want 1568 pixels across", view.Name, decoded.Bounds(), err)
		}
		if !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF-")) || !bytes.HasPrefix(thumbnail.Bytes(), []byte("\x89PNG")) {
			t.Errorf("%s: PDF or thumbnail are none", view.Name)
		}
	}
	counted, err := c.Views.GetWithUsage(ctx, views[0].ID)
	if err != nil || counted.Usage.TotalViewCount == 0 {
		t.Errorf("usage = %+v, %v; want the looks above counted", counted, err)
	}
	var pdf, thumbnail bytes.Buffer
	if err := errors.Join(c.Workbooks.PDF(ctx, workbook.ID, &pdf, tableau.PDFOptions{}), c.Workbooks.PreviewImage(ctx, workbook.ID, &thumbnail)); err != nil {
		t.Error(err)
	}

	var file bytes.Buffer
	download, err := c.Workbooks.Download(ctx, workbook.ID, &file, tableau.DownloadOptions{})
	if err != nil || !bytes.Equal(file.Bytes(), sample.Workbook()) {
		t.Errorf("downloaded %+v, %v; the bytes are not the published ones", download, err)
	}
	onDisk, err := c.Workbooks.DownloadFile(ctx, workbook.ID, t.TempDir(), tableau.DownloadOptions{WithoutExtract: true})
	if err != nil || filepath.Ext(onDisk.Path) != ".twbx" {
		t.Errorf("downloaded %+v, %v", onDisk, err)
	}

	if err := c.Workbooks.Delete(ctx, workbook.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.Workbooks.Get(ctx, workbook.ID); !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("a deleted workbook: %v, want ErrNotFound", err)
	}
	if err := c.Projects.Delete(ctx, project.ID); err != nil {
		t.Error(err)
	}
	if err := c.SignOut(ctx); err != nil {
		t.Error(err)
	}
}

func TestProjectsEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	finance, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "Finance", ContentPermissions: tableau.LockedToProject})
	if err != nil {
		t.Fatal(err)
	}
	child, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "EMEA", ParentProjectID: finance.ID, Description: "d"})
	if err != nil || child.ParentProjectID != finance.ID {
		t.Fatalf("child = %+v, %v", child, err)
	}
	if _, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "Finance"}); !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("a second project of that name: %v, want ErrConflict", err)
	}
	updated, err := c.Projects.Update(ctx, child.ID, tableau.ProjectUpdate{Description: new(""), ParentProjectID: new("")})
	if err != nil || updated.Description != "" || updated.ParentProjectID != "" || updated.Name != "EMEA" {
		t.Errorf("updated = %+v, %v; want it at the top, without description, its name kept", updated, err)
	}
	if same, err := c.Projects.Get(ctx, child.ID); err != nil || same.Name != "EMEA" {
		t.Errorf("Get = %+v, %v", same, err)
	}
	var names []string
	for project, err := range c.Projects.List(ctx, tableau.Query{Sort: []tableau.Sort{tableau.Desc("name")}}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.ToLower(project.Name))
	}
	if diff := cmp.Diff([]string{"finance", "emea", "default"}, names); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
}

func TestPublishingEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, first := publishSample(t, c)
	publish := func(r io.Reader, mode tableau.PublishMode) (*tableau.Workbook, error) {
		return c.Workbooks.Publish(ctx, r, tableau.PublishWorkbook{Name: sample.Name, ProjectID: project.ID, Mode: mode})
	}
	if _, err := publish(bytes.NewReader(sample.Workbook()), tableau.CreateNew); !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("publishing over it without overwrite: %v, want ErrConflict", err)
	}
	second, err := publish(io.MultiReader(bytes.NewReader(sample.Workbook())), tableau.Overwrite) // a stream, in blocks
	if err != nil || second.ID != first.ID {
		t.Errorf("overwritten = %+v, %v; want the ID kept", second, err)
	}
	broken := append([]byte("PK\x03\x04"), bytes.Repeat([]byte("nonsense"), 100)...)
	if _, err := publish(bytes.NewReader(broken), tableau.Overwrite); !hasCode(err, "400011") {
		t.Errorf("a broken file: %v, want 400011", err)
	}
	job, err := c.Workbooks.PublishAsJob(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: "By job", ProjectID: project.ID})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{}); err != nil || done.Progress != 100 {
		t.Errorf("job = %+v, %v", done, err)
	}
	names := map[string]bool{}
	for workbook, err := range c.Workbooks.List(ctx, tableau.Query{PageSize: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		names[workbook.Name] = true
	}
	if !names["By job"] || !names[sample.Name] || len(names) != 2 {
		t.Errorf("workbooks = %v", names)
	}
	jobs, err := tableau.Collect(c.Jobs.List(ctx, tableau.Query{}), -1)
	if err != nil || !slices.ContainsFunc(jobs, func(j *tableau.BackgroundJob) bool { return j.ID == job.ID }) {
		t.Errorf("jobs = %v, %v", jobs, err)
	}
	failing, err := c.Workbooks.PublishAsJob(ctx, bytes.NewReader(broken), tableau.PublishWorkbook{Name: "Broken", ProjectID: project.ID})
	if err == nil {
		_, err = c.Jobs.Wait(ctx, failing.ID, tableau.WaitOptions{})
	}
	if !errors.Is(err, tableau.ErrJobFailed) && !hasCode(err, "400011") {
		t.Errorf("publishing a broken file as a job: %v", err)
	}
}

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*tableau.Error](err)
	return ok && e.Code == code
}

func TestSignInEndToEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	made := server().NewSite(t)
	open := func(credentials tableau.Credentials) *tableau.Client {
		c, err := tableau.New(server().URL, tableau.WithSite(made.ContentURL), tableau.WithCredentials(credentials))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	password := open(tableau.Password{Name: made.AdminName, Password: made.AdminPassword})
	if err := password.SignIn(ctx); err != nil {
		t.Errorf("password: %v", err)
	}
	if session, _ := password.Session(); session.SiteID != made.ID || session.TimeToExpiry() <= 0 {
		t.Errorf("session = %v with %v left", session, session.TimeToExpiry())
	}
	wrong := open(tableau.Password{Name: made.AdminName, Password: "wrong"})
	if err := wrong.SignIn(ctx); !hasCode(err, "401001") || !errors.Is(err, tableau.ErrUnauthorized) {
		t.Errorf("a wrong password: %v, want 401001", err)
	}
	token := tableau.PersonalAccessToken{Name: made.TokenName, Secret: made.TokenSecret}
	first, second := open(token), open(token)
	if err := errors.Join(first.SignIn(ctx), second.SignIn(ctx)); err != nil {
		t.Fatal(err)
	}
	// The second sign-in ended the first session; the first client recovers.
	if _, err := first.Projects.Page(ctx, tableau.Query{}); err != nil {
		t.Errorf("after losing its session: %v", err)
	}
	// When both go on, they are told.
	var err error
	for range 6 {
		_, errFirst := first.Projects.Page(ctx, tableau.Query{})
		_, errSecond := second.Projects.Page(ctx, tableau.Query{})
		if err = errors.Join(errFirst, errSecond); err != nil {
			break
		}
	}
	if !errors.Is(err, tableau.ErrSessionReplaced) {
		t.Errorf("two clients with one token: %v, want ErrSessionReplaced", err)
	}
}

// TestConnectedAppEndToEnd signs in with tokens that the client mints and the
// emulator, which shares no code with it, verifies.
func TestConnectedAppEndToEnd(t *testing.T) {
	t.Parallel()
	app := tableau.ConnectedApp{ClientID: "client-1", SecretID: "secret-1", SecretValue: "the app's secret", User: "root", Scopes: []string{"tableau:content:read"}}
	s := emulator.Start(t, emulator.WithAdmin("root", "pw"), emulator.WithConnectedApp(app.ClientID, app.SecretID, app.SecretValue))
	open := func(app tableau.ConnectedApp) *tableau.Client {
		c, err := tableau.New(s.URL, tableau.WithCredentials(app))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := open(app)
	for range 2 { // each sign-in needs a token of its own
		if err := c.SignIn(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if page, err := c.Projects.Page(t.Context(), tableau.Query{}); err != nil || page.Total != 1 {
		t.Errorf("page = %+v, %v", page, err)
	}
	app.SecretValue = "another secret"
	if err := open(app).SignIn(t.Context()); !errors.Is(err, tableau.ErrUnauthorized) {
		t.Errorf("signed with another secret: %v, want ErrUnauthorized", err)
	}
}

func TestImpersonationEndToEnd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := emulator.Start(t, emulator.WithAdmin("root", "pw"))
	root := func(impersonate string) *tableau.Client {
		c, err := tableau.New(s.URL, tableau.WithCredentials(tableau.Password{Name: "root", Password: "pw", ImpersonateUserID: impersonate}))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	viewer, err := root("").Users.Add(ctx, tableau.AddUser{Name: "zoe", SiteRole: tableau.RoleViewer})
	if err != nil {
		t.Fatal(err)
	}
	c := root(viewer.ID)
	if err := c.SignIn(ctx); err != nil {
		t.Fatal(err)
	}
	if session, _ := c.Session(); session.UserID != viewer.ID {
		t.Errorf("acting as %s, want %s", session.UserID, viewer.ID)
	}
	if _, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "x"}); !errors.Is(err, tableau.ErrForbidden) {
		t.Errorf("a viewer makes a project: %v, want ErrForbidden", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, _ := publishSample(t, c)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			workbook, err := c.Workbooks.Publish(ctx, bytes.NewReader(sample.Workbook()), tableau.PublishWorkbook{Name: fmt.Sprintf("Copy %d", i), ProjectID: project.ID})
			if err == nil {
				_, err = tableau.Collect(c.Workbooks.List(ctx, tableau.Query{PageSize: 3}), -1)
			}
			if err == nil {
				_, err = c.Workbooks.Download(ctx, workbook.ID, io.Discard, tableau.DownloadOptions{})
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all, err := tableau.Collect(c.Workbooks.List(ctx, tableau.Query{}), -1)
	if err != nil || len(all) != 9 {
		t.Errorf("%d workbooks, %v; want 9", len(all), err)
	}
}

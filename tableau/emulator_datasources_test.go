package tableau_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

// stock is a small data source file with one live connection.
const stock = `<?xml version='1.0' encoding='utf-8' ?>
<datasource formatted-name='stock' version='18.1'>
  <connection class='postgres' dbname='bakery' port='5432' server='db.example.com' username='reader'/>
</datasource>`

func TestDataSourcesEndToEnd(t *testing.T) {
	t.Parallel()
	ctx, c := t.Context(), site(t)
	project, err := c.Projects.Create(ctx, tableau.CreateProject{Name: "Bakery"})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(r io.Reader, mode tableau.PublishMode) (*tableau.DataSource, error) {
		return c.DataSources.Publish(ctx, r, tableau.PublishDataSource{Name: "Stock, flour", ProjectID: project.ID, Mode: mode, Description: "d",
			Credentials: &tableau.ConnectionCredentials{Name: "writer", Password: "hush", Embed: true}})
	}
	first, err := publish(strings.NewReader(stock), tableau.CreateNew)
	if err != nil {
		t.Fatal(err)
	}
	if first.Type != "postgres" || first.HasExtracts || first.ContentURL != "Stockflour" || first.Description != "d" || first.Project.ID != project.ID {
		t.Errorf("published %+v", first)
	}
	if _, err := publish(strings.NewReader(stock), tableau.CreateNew); !errors.Is(err, tableau.ErrConflict) {
		t.Errorf("publishing over it without overwrite: %v, want ErrConflict", err)
	}
	connections, err := c.DataSources.Connections(ctx, first.ID)
	if err != nil || len(connections) != 1 {
		t.Fatalf("Connections = %v, %v", connections, err)
	}
	second, err := publish(io.MultiReader(strings.NewReader(stock)), tableau.Overwrite) // a stream, in blocks
	if err != nil || second.ID != first.ID {
		t.Errorf("overwritten = %+v, %v; want the ID kept", second, err)
	}
	kept, err := c.DataSources.Connections(ctx, first.ID)
	if err != nil || len(kept) != 1 || kept[0].ID != connections[0].ID || kept[0].UserName != "writer" {
		t.Errorf("Connections = %+v, %v; want the ID kept and the publisher's user", kept, err)
	}
	if _, err := publish(strings.NewReader(strings.TrimSuffix(stock, "</datasource>")), tableau.Overwrite); !hasCode(err, "400011") {
		t.Errorf("a broken file: %v, want 400011", err)
	}
	job, err := c.DataSources.PublishAsJob(ctx, strings.NewReader(stock), tableau.PublishDataSource{Name: "By job", ProjectID: project.ID})
	if err != nil {
		t.Fatal(err)
	}
	if done, err := c.Jobs.Wait(ctx, job.ID, tableau.WaitOptions{}); err != nil || done.Progress != 100 || done.Refresh.DataSource.Name != "By job" {
		t.Errorf("job = %+v, %v", done, err)
	}

	updated, err := c.DataSources.Update(ctx, first.ID, tableau.DataSourceUpdate{Name: new("Flour"), Certified: new(true), CertificationNote: new("checked")})
	if err != nil || !updated.Certified || updated.CertificationNote != "checked" || updated.Name != "Flour" || updated.Description != "d" {
		t.Errorf("updated = %+v, %v", updated, err)
	}
	content := tableau.Content{Type: tableau.ContentDataSource, ID: first.ID}
	tags, err := c.Tags.Add(ctx, content, "a", "b c")
	if err != nil || len(tags) != 2 {
		t.Errorf("tags = %v, %v", tags, err)
	}
	if err := c.Tags.Delete(ctx, content, "b c"); err != nil {
		t.Error(err)
	}
	for field, test := range map[string]struct {
		value string
		want  []string
	}{
		"isCertified": {"true", []string{"Flour"}},
		"tags":        {"a", []string{"Flour"}},
		"serverName":  {"db.example.com", []string{"Flour", "By job"}},
		"type":        {"hyper", nil},
	} {
		q := tableau.Query{Filter: []tableau.Filter{tableau.Eq(field, test.value)}, Sort: []tableau.Sort{tableau.Desc("name")}, PageSize: 1}
		var got []string
		for d, err := range c.DataSources.List(ctx, q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, d.Name)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", field, diff)
		}
	}
	var file bytes.Buffer
	download, err := c.DataSources.Download(ctx, first.ID, &file, tableau.DownloadOptions{})
	if err != nil || file.String() != stock {
		t.Errorf("downloaded %+v, %v; the bytes are not the published ones", download, err)
	}
	if err := c.DataSources.Delete(ctx, first.ID); err != nil {
		t.Error(err)
	}
	if _, err := c.DataSources.Get(ctx, first.ID); !hasCode(err, "404004") || !errors.Is(err, tableau.ErrNotFound) {
		t.Errorf("a deleted data source: %v, want 404004", err)
	}
	if err := c.Projects.Delete(ctx, project.ID); err != nil {
		t.Error(err)
	}
}

// TestFilesOfTableauEndToEnd publishes files that Tableau wrote.
func TestFilesOfTableauEndToEnd(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		connection string
		extract    bool
	}{
		"World Indicators.tds": {"hyper", true}, "World Indicators.tdsx": {"hyper", true}, "World Indicators.hyper": {"hyper", true},
		"SampleDS.tds": {"postgres", false}, "Data/Tableau Samples/World Indicators.tde": {"dataengine", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("..", "..", "shared", "assets", filepath.FromSlash(name))
			original, err := os.ReadFile(path)
			if err != nil {
				t.Skipf("the reference material is absent: %v", err)
			}
			ctx, c := t.Context(), site(t)
			d, err := c.DataSources.PublishFile(ctx, path, tableau.PublishDataSource{})
			if err != nil || d.Type != want.connection || d.HasExtracts != want.extract {
				t.Fatalf("published %+v, %v", d, err)
			}
			var whole, live bytes.Buffer
			if _, err := c.DataSources.Download(ctx, d.ID, &whole, tableau.DownloadOptions{}); err != nil || !bytes.Equal(whole.Bytes(), original) {
				t.Errorf("the downloaded bytes are not the published ones: %v", err)
			}
			if filepath.Ext(name) != ".tdsx" {
				return
			}
			if _, err := c.DataSources.Download(ctx, d.ID, &live, tableau.DownloadOptions{WithoutExtract: true}); err != nil {
				t.Fatal(err)
			}
			archive, err := zip.NewReader(bytes.NewReader(live.Bytes()), int64(live.Len()))
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range archive.File {
				if ext := filepath.Ext(entry.Name); ext == ".tde" || ext == ".hyper" {
					t.Errorf("the package without extracts has %s", entry.Name)
				}
			}
		})
	}
}

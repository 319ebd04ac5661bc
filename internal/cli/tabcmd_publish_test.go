package cli

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestWorkbookConnections(t *testing.T) {
	t.Parallel()
	const document = `<?xml version='1.0' encoding='utf-8' ?>
<workbook xmlns:user='http://www.tableausoftware.com/xml/user'><datasources>
<datasource><connection class='federated'><named-connections>
<named-connection><connection class='postgres' server='db.example.com' port='5432' user:x='1'/></named-connection>
<named-connection><connection class='textscan' filename='sales.csv'/></named-connection>
<named-connection><connection class='postgres' server='db.example.com' port='5432'/></named-connection>
</named-connections></connection></datasource>
<datasource><connection class='sqlserver' server='other.example.com'/></datasource>
<datasource><connection class='sqlproxy' server='tableau.example.com' port='443'/></datasource>
</datasources></workbook>`
	dir := t.TempDir()
	plain, packed := filepath.Join(dir, "a.twb"), filepath.Join(dir, "a.twbx")
	if err := os.WriteFile(plain, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	for name, content := range map[string]string{"Data/sales.csv": "a,b", "a.twb": document} {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	credentials := tableau.ConnectionCredentials{Name: "ann", Password: "secret", Embed: true}
	want := []tableau.PublishConnection{
		{ServerAddress: "db.example.com", ServerPort: "5432", Credentials: &credentials},
		{ServerAddress: "other.example.com", Credentials: &credentials},
	}
	for _, path := range []string{plain, packed} {
		got, err := workbookConnections(path, credentials)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", filepath.Base(path), diff)
		}
	}
}

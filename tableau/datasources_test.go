package tableau_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	everything = append(everything, `<datasource id="d"/><connections><connection id="connectionID-1"/></connections>`)
	argumentsByName["number"] = 3
	arguments[reflect.TypeFor[tableau.ConnectionsUpdate]()] = tableau.ConnectionsUpdate{ConnectionIDs: []string{"c"}}
	arguments[reflect.TypeFor[tableau.HyperDataUpdate]()] = tableau.HyperDataUpdate{Actions: []tableau.HyperAction{{Action: tableau.HyperDelete}}}
}

func TestRealDataSources(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "datasource_get.xml").DataSources.Page(t.Context(), tableau.Query{})
	project, owner := tableau.ProjectRef{ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "default"}, tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"}
	want := &tableau.Page[tableau.DataSource]{Number: 1, Size: 100, Total: 2, Items: []*tableau.DataSource{
		{
			ID: "e76a1461-3b1d-4588-bf1b-17551a879ad9", Name: "SampleDS", Description: "SampleDsDescription", ContentURL: "SampleDS",
			WebpageURL: "https://web.com", Type: "dataengine", Size: 4096, HasExtracts: true,
			CreatedAt: at("2016-08-11T21:22:40Z"), UpdatedAt: at("2016-08-11T21:34:17Z"), Project: project, Owner: owner,
		},
		{
			ID: "9dbd2263-16b5-46e1-9c43-a76bb8ab65fb", Name: "Sample datasource", Description: "description Sample", ContentURL: "Sampledatasource",
			WebpageURL: "https://page.com", Type: "dataengine", Size: 10240, EncryptExtracts: true, UseRemoteQueryAgent: true,
			CreatedAt: at("2016-08-04T21:31:55Z"), UpdatedAt: at("2016-08-04T21:31:55Z"), Project: project, Owner: owner,
			Tags: []tableau.Tag{{Label: "world"}, {Label: "indicators"}, {Label: "sample"}},
		},
	}}
	decoded(t, want, page, err)
	items, err := tableau.Collect(serveAsset(t, "datasource_get.xml").DataSources.List(t.Context(), tableau.Query{PageSize: 100}), -1)
	decoded(t, want.Items, items, err)
}

func TestRealDataSourceWithAllFields(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "datasource_get_all_fields.xml").DataSources.Page(t.Context(), tableau.Query{Fields: []string{"_all_"}})
	if err != nil || len(page.Items) != 1 {
		t.Fatalf("page = %v, %v", page, err)
	}
	want := &tableau.DataSource{
		ID: "a71cdd15-3a23-4ec1-b3ce-9956f5e00bb7", Name: "Superstore Datasource", ContentURL: "SuperstoreDatasource",
		WebpageURL: "https://10ax.online.tableau.com/#/site/example/datasources/3566752", Type: "excel-direct", Size: 1,
		ServerName: "localhost", Published: true, CreatedAt: at("2024-02-14T04:42:13Z"), UpdatedAt: at("2024-02-14T04:42:14Z"),
		Project: tableau.ProjectRef{ID: "669ca36b-492e-4ccf-bca1-3614fe6a9d7a", Name: "Samples", Description: "This project includes automatically uploaded samples."},
		Owner: tableau.UserRef{
			ID: "ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9", Name: "bob@example.com", FullName: "Bob Smith", Email: "bob@example.com",
			SiteRole: "SiteAdministratorCreator", LastLogin: at("2025-02-04T06:39:20Z"),
		},
	}
	decoded(t, want, page.Items[0], nil)
}

func TestRealDataSource(t *testing.T) {
	t.Parallel()
	got, err := serveAsset(t, "datasource_get_by_id.xml").DataSources.Get(t.Context(), "d")
	want := &tableau.DataSource{
		ID: "9dbd2263-16b5-46e1-9c43-a76bb8ab65fb", Name: "Sample datasource", Description: "abc description xyz", ContentURL: "Sampledatasource",
		Type: "dataengine", CreatedAt: at("2016-08-04T21:31:55Z"), UpdatedAt: at("2016-08-04T21:31:55Z"),
		Project: tableau.ProjectRef{ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "default"},
		Owner:   tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"},
		Tags:    []tableau.Tag{{Label: "world"}, {Label: "indicators"}, {Label: "sample"}},
		AskData: tableau.AskData{Enablement: tableau.AskDataSiteDefault},
	}
	decoded(t, want, got, err)
	updated, err := serveAsset(t, "datasource_update.xml").DataSources.Update(t.Context(), "d", tableau.DataSourceUpdate{})
	if err != nil || !updated.Certified || updated.CertificationNote != "Warning, here be dragons." {
		t.Errorf("Update = %+v, %v", updated, err)
	}
	empty, err := serveAsset(t, "datasource_get_empty.xml").DataSources.Page(t.Context(), tableau.Query{})
	if err != nil || len(empty.Items) != 0 {
		t.Errorf("an empty list = %v, %v", empty, err)
	}
}

func TestRealDataSourceConnections(t *testing.T) {
	t.Parallel()
	connections, err := serveAsset(t, "datasource_populate_connections.xml").DataSources.Connections(t.Context(), "d")
	decoded(t, []*tableau.Connection{
		{ID: "be786ae0-d2bf-4a4b-9b34-e2de8d2d4488", Type: "textscan", ServerAddress: "forty-two.net", UserName: "duo", EmbedPassword: true},
		{ID: "970e24bc-e200-4841-a3e9-66e7d122d77e", Type: "sqlserver", ServerAddress: "database.com", UserName: "heero"},
	}, connections, err)

	const second = "a1b2c3d4-e5f6-7a8b-9c0d-123456789abc"
	wantSecond := &tableau.Connection{
		ID: second, Type: "sqlserver", ServerAddress: "updated-server", ServerPort: "1433", UserName: "user1", EmbedPassword: true, AuthenticationType: "auth-keypair",
	}
	one, err := serveAsset(t, "datasource_connections_update.xml").DataSources.UpdateConnection(t.Context(), "d", second, tableau.ConnectionUpdate{})
	decoded(t, wantSecond, one, err)
	all, err := serveAsset(t, "datasource_connections_update.xml").DataSources.UpdateConnections(t.Context(), "d", tableau.ConnectionsUpdate{ConnectionIDs: []string{"a"}})
	if err != nil || len(all) != 2 {
		t.Fatalf("UpdateConnections = %v, %v", all, err)
	}
	decoded(t, wantSecond, all[1], err)
}

func TestRealRevisions(t *testing.T) {
	t.Parallel()
	cassie := tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7", Name: "Cassie"}
	got, err := tableau.Collect(serveAsset(t, "datasource_revision.xml").DataSources.Revisions(t.Context(), "d"), -1)
	decoded(t, []*tableau.Revision{
		{Number: 1, PublishedAt: at("2016-07-26T20:34:56Z"), Publisher: cassie},
		{Number: 2, PublishedAt: at("2016-07-27T20:34:56Z")},
		{Number: 3, PublishedAt: at("2016-07-28T20:34:56Z"), Current: true, Publisher: cassie},
	}, got, err)
}

func TestRealDataSourceJobs(t *testing.T) {
	t.Parallel()
	job, err := serveAsset(t, "datasource_refresh.xml").DataSources.Refresh(t.Context(), "d")
	decoded(t, &tableau.Job{
		ID: "7c3d599e-949f-44c3-94a1-f30ba85757e4", Mode: "Asynchronous", Type: "RefreshExtract", CreatedAt: at("2020-03-05T22:05:32Z"),
		Refresh: tableau.RefreshJob{DataSource: tableau.Ref{ID: "9dbd2263-16b5-46e1-9c43-a76bb8ab65fb", Name: "datasource-name"}},
	}, job, err)
	job, err = serveAsset(t, "datasource_data_update.xml").DataSources.UpdateHyperData(t.Context(), "d", tableau.HyperDataUpdate{})
	decoded(t, &tableau.Job{
		ID: "5c0ba560-c959-424e-b08a-f32ef0bfb737", Mode: "Asynchronous", Type: "UpdateUploadedFile", CreatedAt: at("2021-09-18T09:40:12Z"),
		DataUpdate: tableau.DataUpdateJob{
			DataSource: tableau.Ref{ID: "9dbd2263-16b5-46e1-9c43-a76bb8ab65fb", Name: "test datasource"}, ConnectionID: "7ecaccd8-39b0-4875-a77d-094f6e930019",
		},
	}, job, err)
}

// dataSourceServer answers every call with what it may look for.
func dataSourceServer(t *testing.T) *fakeServer {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<datasource id="d"/><job id="j"/><fileUpload uploadSessionId="1:a-1:0"/><connection id="c"/>`)
	})
}

func TestUpdateDataSourceSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	server := dataSourceServer(t)
	c := server.client(t)
	for _, u := range []tableau.DataSourceUpdate{
		{},
		{Description: new(""), Certified: new(false)},
		{
			Name: new("n"), ProjectID: new("p"), OwnerID: new("o"), Certified: new(true), CertificationNote: new("checked"),
			EncryptExtracts: new(true), UseRemoteQueryAgent: new(false), AskData: new(tableau.AskDataDisabled),
		},
	} {
		if _, err := c.DataSources.Update(t.Context(), "d", u); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, r := range server.requests() {
		got = append(got, string(r.Body))
	}
	want := []string{
		`<tsRequest><datasource></datasource></tsRequest>`,
		`<tsRequest><datasource description="" isCertified="false"></datasource></tsRequest>`,
		`<tsRequest><datasource name="n" isCertified="true" certificationNote="checked" encryptExtracts="true" useRemoteQueryAgent="false">` +
			`<askData enablement="Disabled"></askData><project id="p"></project><owner id="o"></owner></datasource></tsRequest>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRefreshSpeaksTheServersVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"3.24": `<tsRequest></tsRequest>`,
		"3.25": `<tsRequest><extractRefresh></extractRefresh></tsRequest>`,
	} {
		server := dataSourceServer(t)
		if _, err := server.client(t, tableau.WithAPIVersion(version)).DataSources.Refresh(t.Context(), "d"); err != nil {
			t.Fatal(err)
		}
		if got := string(server.requests()[0].Body); got != want {
			t.Errorf("at %s: sent %s, want %s", version, got, want)
		}
	}
}

// publishedTo publishes and returns the query, the payload and the file's head.
func publishedTo(t *testing.T, publish func(*tableau.Client) error) (query, payload, head string) {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		pieces := parts(t, r.Header.Get("Content-Type"), body)
		query, payload, head = r.URL.RawQuery, pieces[0].Body, pieces[1].Head
		answer(w, 201, `<datasource id="d"/><job id="j"/>`)
	})
	if err := publish(server.client(t)); err != nil {
		t.Fatal(err)
	}
	return query, payload, head
}

func TestPublishDataSource(t *testing.T) {
	t.Parallel()
	query, payload, head := publishedTo(t, func(c *tableau.Client) error {
		_, err := c.DataSources.Publish(t.Context(), strings.NewReader("PAR1 and so on"), tableau.PublishDataSource{
			Name: "Sales", ProjectID: "p", Description: "d", Mode: tableau.Replace, FileName: "s.parquet",
			Certified: true, CertificationNote: "checked", UseRemoteQueryAgent: new(false), AskData: tableau.AskDataEnabled,
			Connections: []tableau.PublishConnection{
				{ServerAddress: "a.example.com", ServerPort: "5432", Credentials: &tableau.ConnectionCredentials{Name: "u", Password: "p", OAuth: true}},
				{ServerAddress: "b.example.com"},
			},
		})
		return err
	})
	wantPayload := `<tsRequest><datasource name="Sales" description="d" isCertified="true" certificationNote="checked" useRemoteQueryAgent="false">` +
		`<askData enablement="Enabled"></askData><project id="p"></project><connections>` +
		`<connection serverAddress="a.example.com" serverPort="5432"><connectionCredentials name="u" password="p" embed="false" oAuth="true"></connectionCredentials></connection>` +
		`<connection serverAddress="b.example.com"></connection></connections></datasource></tsRequest>`
	if diff := cmp.Diff(wantPayload, payload); diff != "" {
		t.Errorf("payload (-want +got)\n%s", diff)
	}
	if query != "datasourceType=parquet&replace=true" || !strings.Contains(head, `name="tableau_datasource"; filename="s.parquet"`) {
		t.Errorf("query %s, file %s", query, head)
	}
}

func TestPublishDataSourceKnowsTheFile(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"<?xml version='1.0'?><datasource/>":         "tds",
		"\ufeff<?xml version='1.0'?><datasource/>":   "tds",
		"PK\x03\x04 and more":                        "tdsx",
		"Hyper\x08\x00\x00\x01\x00\x00\x00 and more": "hyper",
		"\x20\x02\x01\x62 and more":                  "tde",
	} {
		query, _, head := publishedTo(t, func(c *tableau.Client) error {
			_, err := c.DataSources.PublishAsJob(t.Context(), strings.NewReader(content), tableau.PublishDataSource{Name: "n"})
			return err
		})
		if query != "asJob=true&createnew=true&datasourceType="+want || !strings.Contains(head, `filename="n.`+want+`"`) {
			t.Errorf("%q: query %s, file %s", content, query, head)
		}
	}
	path := filepath.Join(t.TempDir(), "Sales.TDSX")
	if err := os.WriteFile(path, zipFile, 0o600); err != nil {
		t.Fatal(err)
	}
	query, payload, head := publishedTo(t, func(c *tableau.Client) error {
		_, err := c.DataSources.PublishFile(t.Context(), path, tableau.PublishDataSource{Mode: tableau.Append})
		return err
	})
	if query != "append=true&datasourceType=tdsx" || !strings.Contains(payload, `name="Sales"`) || !strings.Contains(head, `filename="Sales.TDSX"`) {
		t.Errorf("query %s, payload %s, file %s", query, payload, head)
	}
}

func TestDataSourceCallsRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	server := dataSourceServer(t)
	c := server.client(t, tableau.WithAPIVersion("3.14"))
	file := func() io.Reader { return bytes.NewReader(zipFile) }
	publish := func(r io.Reader, p tableau.PublishDataSource) error {
		_, err := c.DataSources.Publish(t.Context(), r, p)
		return err
	}
	for name, err := range map[string]error{
		"no name":          publish(file(), tableau.PublishDataSource{}),
		"no file":          publish(nil, tableau.PublishDataSource{Name: "n"}),
		"unknown mode":     publish(file(), tableau.PublishDataSource{Name: "n", Mode: "Bogus"}),
		"unknown file":     publish(strings.NewReader("PAR1"), tableau.PublishDataSource{Name: "n"}),
		"wrong type":       publish(file(), tableau.PublishDataSource{Name: "n", FileName: "n.twbx"}),
		"half credentials": publish(file(), tableau.PublishDataSource{Name: "n", Credentials: &tableau.ConnectionCredentials{Name: "u"}}),
		"both": publish(file(), tableau.PublishDataSource{
			Name: "n", Credentials: &tableau.ConnectionCredentials{Name: "u", Password: "p"}, Connections: []tableau.PublishConnection{{ServerAddress: "s"}},
		}),
		"owner without project": func() error {
			_, err := c.DataSources.Update(t.Context(), "d", tableau.DataSourceUpdate{OwnerID: new("o")})
			return err
		}(),
		"revision 0": c.DataSources.DeleteRevision(t.Context(), "d", 0),
		"an action that says nothing": func() error {
			_, err := c.DataSources.UpdateHyperData(t.Context(), "d", tableau.HyperDataUpdate{Actions: make([]tableau.HyperAction, 1), Payload: file()})
			return err
		}(),
		"a constant that JSON cannot write": func() error {
			_, err := c.DataSources.UpdateHyperData(t.Context(), "d", tableau.HyperDataUpdate{Actions: []tableau.HyperAction{
				{Action: tableau.HyperDelete, Condition: tableau.HyperValue("c", tableau.HyperEqual, "string", func() {})},
			}})
			return err
		}(),
	} {
		if !errors.Is(err, tableau.ErrInvalidArgument) {
			t.Errorf("%s: %v, want ErrInvalidArgument", name, err)
		}
	}
	newer := server.client(t)
	if _, err := newer.DataSources.UpdateConnections(t.Context(), "d", tableau.ConnectionsUpdate{}); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("no connections: %v, want ErrInvalidArgument", err)
	}
	older := server.client(t, tableau.WithAPIVersion("3.12"))
	if _, err := older.DataSources.UpdateHyperData(t.Context(), "d", tableau.HyperDataUpdate{Payload: file()}); !errors.Is(err, tableau.ErrUnsupportedVersion) {
		t.Errorf("hyper data at 3.12: %v, want ErrUnsupportedVersion before the payload is sent", err)
	}
	if n := len(server.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestUpdateHyperData(t *testing.T) {
	t.Parallel()
	var requestIDs []string
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			requestIDs = append(requestIDs, r.Header.Get("RequestID"))
		}
		answer(w, 202, `<job id="j"/><fileUpload uploadSessionId="1:a-1:0"/>`)
	})
	c := server.client(t)
	job, err := c.DataSources.UpdateConnectionHyperData(t.Context(), "d", "c", tableau.HyperDataUpdate{
		RequestID: "once only",
		Actions: []tableau.HyperAction{
			{
				Action: tableau.HyperUpsert, TargetSchema: "Extract", TargetTable: "Sales", SourceTable: "News",
				Condition: tableau.HyperAnd(tableau.HyperColumns("id", tableau.HyperEqual, "new id"), tableau.HyperNot(tableau.HyperValue("year", tableau.HyperLess, "integer", 2020))),
			},
			{Action: tableau.HyperDelete, TargetTable: "Sales", Condition: tableau.HyperOr(tableau.HyperValue("name", tableau.HyperEqual, "string", "ü"))},
		},
		Payload: iotest.HalfReader(strings.NewReader("rows")),
	})
	if err != nil || job.ID != "j" {
		t.Fatalf("UpdateConnectionHyperData = %v, %v", job, err)
	}
	want := `{"actions":[
		{"action":"upsert","target-schema":"Extract","target-table":"Sales","source-table":"News","condition":{"op":"and","args":[
			{"op":"eq","target-col":"id","source-col":"new id"},
			{"op":"not","args":[{"op":"lt","target-col":"year","const":{"type":"integer","v":2020}}]}]}},
		{"action":"delete","target-table":"Sales","condition":{"op":"or","args":[{"op":"eq","target-col":"name","const":{"type":"string","v":"ü"}}]}}]}`
	seen := server.requests()
	if len(seen) != 3 {
		t.Fatalf("%d requests, want three: begin the upload, send it, change the data", len(seen))
	}
	last := seen[2]
	if last.Query != "uploadSessionId=1%3Aa-1%3A0" || !strings.HasSuffix(last.Path, "/datasources/d/connections/c/data") {
		t.Errorf("sent to %s?%s", last.Path, last.Query)
	}
	var wantJSON, gotJSON any
	if err := errors.Join(json.Unmarshal([]byte(want), &wantJSON), json.Unmarshal(last.Body, &gotJSON)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantJSON, gotJSON); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for range 2 {
		if _, err := c.DataSources.UpdateHyperData(t.Context(), "d", tableau.HyperDataUpdate{Actions: []tableau.HyperAction{{Action: tableau.HyperInsert}}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(requestIDs) != 3 || requestIDs[0] != "once only" || requestIDs[1] == "" || requestIDs[1] == requestIDs[2] {
		t.Errorf("request IDs %q: want the given one, then two that were made up", requestIDs)
	}
}

func TestConnectionUpdatesHidePasswords(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		tableau.ConnectionUpdate{Password: new("s3cret")}, tableau.ConnectionsUpdate{Password: new("s3cret")},
		&tableau.ConnectionUpdate{Password: new("s3cret")},
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(format, value); strings.Contains(text, "s3cret") {
				t.Errorf("%s of %T shows the password: %s", format, value, text)
			}
		}
	}
}

func TestUpdateConnectionAnsweredWithOthers(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, `<connections><connection id="another"/><connection id="a third"/></connections>`)
	})
	_, err := server.client(t).DataSources.UpdateConnection(t.Context(), "d", "c", tableau.ConnectionUpdate{UserName: new("u")})
	if _, ok := errors.AsType[*tableau.Error](err); !ok {
		t.Errorf("error = %v, want a *tableau.Error", err)
	}
}

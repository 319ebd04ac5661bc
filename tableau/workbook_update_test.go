package tableau_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	everything = append(everything, `<connections><connection id="c"/></connections>`)
	arguments[reflect.TypeFor[tableau.EmbeddedDataSources]()] = tableau.EmbeddedDataSources{All: true}
	arguments[reflect.TypeFor[tableau.ConnectionsUpdate]()] = tableau.ConnectionsUpdate{ConnectionIDs: []string{"c"}}
	argumentsByName["block"] = []byte("block")
	argumentsByName["whole"] = bytes.NewReader(nil) // of no bytes, so that no block follows
}

// answering answers everything with XML and returns a client and how to see
// what was sent.
func answering(t *testing.T, version, xml string) (*tableau.Client, *fakeServer) {
	t.Helper()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, xml) })
	return s.client(t, tableau.WithAPIVersion(version)), s
}

func TestWorkbookUpdateSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		update tableau.WorkbookUpdate
		want   string
		query  string
	}{
		"nothing":   {tableau.WorkbookUpdate{}, ``, ""},
		"empty":     {tableau.WorkbookUpdate{Description: new(""), ShowTabs: new(false)}, ` description="" showTabs="false"`, ""},
		"name":      {tableau.WorkbookUpdate{Name: new("Q&A")}, ` name="Q&amp;A"`, ""},
		"encrypted": {tableau.WorkbookUpdate{EncryptExtracts: new(true)}, ` encryptExtracts="true"`, ""},
		"the schema's order": {
			tableau.WorkbookUpdate{
				ProjectID: new("p"), OwnerID: new("o"),
				Acceleration:            &tableau.AccelerationUpdate{Enabled: new(true), ViewIDs: []string{"v1", "v2"}},
				Freshness:               &tableau.FreshnessPolicy{Option: tableau.FreshAlwaysLive},
				IncludeViewAcceleration: true,
			},
			`><project id="p"></project><owner id="o"></owner><views><view id="v1"></view><view id="v2"></view></views>` +
				`<dataAccelerationConfig accelerationEnabled="true"></dataAccelerationConfig>` +
				`<dataFreshnessPolicy option="AlwaysLive"></dataFreshnessPolicy`,
			"includeViewAccelerationStatus=true",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := answering(t, "3.27", `<workbook id="w" name="n"/>`)
			w, err := c.Workbooks.Update(t.Context(), "w", test.update)
			if err != nil || w.Name != "n" {
				t.Fatalf("Update = %v, %v", w, err)
			}
			got := s.requests()[0]
			want := "<tsRequest><workbook" + test.want + "></workbook></tsRequest>"
			if diff := cmp.Diff(want, string(got.Body)); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
			if got.Query != test.query {
				t.Errorf("query %q, want %q", got.Query, test.query)
			}
		})
	}
}

func TestWorkbookUpdateSendsFreshness(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy tableau.FreshnessPolicy
		want   string
	}{
		"every": {
			tableau.FreshnessPolicy{Option: "FreshEvery", FreshEvery: tableau.FreshEvery{Frequency: "Hours", Value: 10}},
			`<freshEverySchedule frequency="Hours" value="10"></freshEverySchedule>`,
		},
		"only what the option is about": {
			tableau.FreshnessPolicy{Option: "SiteDefault", FreshEvery: tableau.FreshEvery{Frequency: "Hours", Value: 10}}, "",
		},
		"at, daily": {
			tableau.FreshnessPolicy{Option: "FreshAt", FreshAt: tableau.FreshAt{Frequency: "Day", Time: "22:00:00", TimeZone: "Asia/Singapore"}},
			`<freshAtSchedule frequency="Day" time="22:00:00" timezone="Asia/Singapore"><intervals></intervals></freshAtSchedule>`,
		},
		"at, weekly, as the server says it": {
			tableau.FreshnessPolicy{Option: "FreshAt", FreshAt: tableau.FreshAt{
				Frequency: "Week", Time: "10:00:00", Intervals: []tableau.FreshAtInterval{{WeekDay: "MONDAY"}, {WeekDay: "Wednesday"}},
			}},
			`<freshAtSchedule frequency="Week" time="10:00:00"><intervals><interval weekDay="Monday"></interval><interval weekDay="Wednesday"></interval></intervals></freshAtSchedule>`,
		},
		"at, monthly": {
			tableau.FreshnessPolicy{Option: "FreshAt", FreshAt: tableau.FreshAt{
				Frequency: "Month", Time: "00:00:00", Intervals: []tableau.FreshAtInterval{{MonthDay: "1"}, {MonthDay: "LastDay"}},
			}},
			`<freshAtSchedule frequency="Month" time="00:00:00"><intervals><interval monthDay="1"></interval><interval monthDay="LastDay"></interval></intervals></freshAtSchedule>`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := answering(t, "3.27", `<workbook id="w"/>`)
			if _, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{Freshness: &test.policy}); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf(`<tsRequest><workbook><dataFreshnessPolicy option="%s">%s</dataFreshnessPolicy></workbook></tsRequest>`, test.policy.Option, test.want)
			if diff := cmp.Diff(want, string(s.requests()[0].Body)); diff != "" {
				t.Errorf("body (-want +got)\n%s", diff)
			}
		})
	}
}

func TestRealFreshnessPolicies(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]tableau.FreshnessPolicy{
		"":  {Option: tableau.FreshAlwaysLive},
		"2": {Option: tableau.FreshSiteDefault},
		"3": {Option: tableau.FreshEveryPeriod, FreshEvery: tableau.FreshEvery{Frequency: tableau.FreshEveryHours, Value: 10}},
		"4": {Option: tableau.FreshAtTime, FreshAt: tableau.FreshAt{Frequency: tableau.FreshAtDay, Time: "22:00:00", TimeZone: "Asia/Singapore"}},
		"5": {Option: tableau.FreshAtTime, FreshAt: tableau.FreshAt{
			Frequency: tableau.FreshAtWeek, Time: "10:00:00", TimeZone: "America/Los_Angeles",
			Intervals: []tableau.FreshAtInterval{{WeekDay: "WEDNESDAY"}, {WeekDay: "MONDAY"}},
		}},
		"6": {Option: tableau.FreshAtTime, FreshAt: tableau.FreshAt{
			Frequency: tableau.FreshAtMonth, Time: "00:00:00", TimeZone: "America/Los_Angeles",
			Intervals: []tableau.FreshAtInterval{{MonthDay: "LastDay"}},
		}},
	} {
		c := serveAsset(t, "workbook_update_data_freshness_policy"+name+".xml")
		w, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{})
		if err != nil {
			t.Fatal(err)
		}
		decoded(t, want, w.Freshness, nil)
		// What the server says can be sent back.
		if _, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{Freshness: &w.Freshness}); err != nil {
			t.Errorf("policy %s: %v", name, err)
		}
	}
	week := tableau.FreshAt{Intervals: []tableau.FreshAtInterval{{WeekDay: "WEDNESDAY"}, {MonthDay: "LastDay"}, {}}}
	if diff := cmp.Diff([]string{"Wednesday", "LastDay"}, week.Days()); diff != "" {
		t.Errorf("Days (-want +got)\n%s", diff)
	}
}

func TestRealViewAcceleration(t *testing.T) {
	t.Parallel()
	w, err := serveAsset(t, "workbook_update_views_acceleration_status.xml").Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{IncludeViewAcceleration: true})
	if err != nil {
		t.Fatal(err)
	}
	var got []tableau.Acceleration
	for _, view := range w.Views {
		got = append(got, view.Acceleration)
	}
	decoded(t, []tableau.Acceleration{
		{Status: "Disabled"}, {Enabled: true, Status: tableau.AccelerationPending}, {Enabled: true, Status: tableau.AccelerationPending},
	}, got, nil)
}

func TestWorkbookMethodsRefuse(t *testing.T) {
	t.Parallel()
	fresh := func(p tableau.FreshnessPolicy) func(*tableau.Client) error {
		return func(c *tableau.Client) error {
			_, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{Freshness: &p})
			return err
		}
	}
	at := func(f tableau.FreshAt) func(*tableau.Client) error {
		return fresh(tableau.FreshnessPolicy{Option: tableau.FreshAtTime, FreshAt: f})
	}
	extract := func(d tableau.EmbeddedDataSources) func(*tableau.Client) error {
		return func(c *tableau.Client) error {
			_, err := c.Workbooks.DeleteExtract(t.Context(), "w", d)
			return err
		}
	}
	for name, call := range map[string]func(*tableau.Client) error{
		"Option":                fresh(tableau.FreshnessPolicy{Option: "Sometimes"}),
		"FreshEvery.Frequency":  fresh(tableau.FreshnessPolicy{Option: tableau.FreshEveryPeriod}),
		"FreshEvery.Frequency ": fresh(tableau.FreshnessPolicy{Option: tableau.FreshEveryPeriod, FreshEvery: tableau.FreshEvery{Frequency: "Years", Value: 1}}),
		"FreshEvery.Value":      fresh(tableau.FreshnessPolicy{Option: tableau.FreshEveryPeriod, FreshEvery: tableau.FreshEvery{Frequency: "Days"}}),
		"FreshAt.Time":          fresh(tableau.FreshnessPolicy{Option: tableau.FreshAtTime}),
		"FreshAt.Time ":         at(tableau.FreshAt{Frequency: "Day", Time: "22:00"}),
		"FreshAt.Frequency":     at(tableau.FreshAt{Frequency: "Year", Time: "22:00:00"}),
		"FreshAt.Intervals":     at(tableau.FreshAt{Frequency: "Week", Time: "22:00:00"}),
		"FreshAt.Intervals ":    at(tableau.FreshAt{Frequency: "Day", Time: "22:00:00", Intervals: []tableau.FreshAtInterval{{WeekDay: "Monday"}}}),
		"WeekDay":               at(tableau.FreshAt{Frequency: "Week", Time: "22:00:00", Intervals: []tableau.FreshAtInterval{{WeekDay: "Caturday"}}}),
		"MonthDay":              at(tableau.FreshAt{Frequency: "Month", Time: "22:00:00", Intervals: []tableau.FreshAtInterval{{MonthDay: "32"}}}),
		"MonthDay ":             at(tableau.FreshAt{Frequency: "Month", Time: "22:00:00", Intervals: []tableau.FreshAtInterval{{MonthDay: "1", WeekDay: "Monday"}}}),
		"ProjectID": func(c *tableau.Client) error {
			_, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{ProjectID: new("")})
			return err
		},
		"All":  extract(tableau.EmbeddedDataSources{}),
		"All ": extract(tableau.EmbeddedDataSources{All: true, IDs: []string{"d"}}),
		"IDs":  extract(tableau.EmbeddedDataSources{IDs: []string{""}}),
		"ConnectionIDs": func(c *tableau.Client) error {
			_, err := c.Workbooks.UpdateConnections(t.Context(), "w", tableau.ConnectionsUpdate{})
			return err
		},
		"ConnectionIDs ": func(c *tableau.Client) error {
			_, err := c.Workbooks.UpdateConnections(t.Context(), "w", tableau.ConnectionsUpdate{ConnectionIDs: []string{""}})
			return err
		},
		"revision 0": func(c *tableau.Client) error { return c.Workbooks.DeleteRevision(t.Context(), "w", 0) },
		"revision -1": func(c *tableau.Client) error {
			_, err := c.Workbooks.DownloadRevision(t.Context(), "w", -1, io.Discard, tableau.DownloadOptions{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := answering(t, "3.27", "")
			err := call(c)
			if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), strings.TrimSpace(name)) {
				t.Errorf("error %v, want one that is ErrInvalidArgument and names %s", err, name)
			}
			if seen := s.requests(); len(seen) != 0 {
				t.Errorf("sent %v", seen)
			}
		})
	}
}

func TestWorkbookMethodsRefuseOldVersions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		version string
		call    func(*tableau.Client) error
	}{
		"description": {"3.20", func(c *tableau.Client) error {
			_, err := c.Workbooks.Update(t.Context(), "w", tableau.WorkbookUpdate{Description: new("d")})
			return err
		}},
		"size of an image": {"3.22", func(c *tableau.Client) error {
			return c.Views.Image(t.Context(), "v", io.Discard, tableau.ImageOptions{Size: tableau.VizSize{Width: 800, Height: 600}})
		}},
		"size of a view's PDF": {"3.22", func(c *tableau.Client) error {
			return c.Views.PDF(t.Context(), "v", io.Discard, tableau.PDFOptions{Size: tableau.VizSize{Width: 800, Height: 600}})
		}},
		"size of a workbook's PDF": {"3.22", func(c *tableau.Client) error {
			return c.Workbooks.PDF(t.Context(), "w", io.Discard, tableau.PDFOptions{Size: tableau.VizSize{Width: 800, Height: 600}})
		}},
		"incremental": {"3.24", func(c *tableau.Client) error {
			_, err := c.Workbooks.RefreshIncremental(t.Context(), "w")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := answering(t, test.version, "")
			if err := test.call(c); !errors.Is(err, tableau.ErrUnsupportedVersion) || len(s.requests()) != 0 {
				t.Errorf("error %v after %v, want ErrUnsupportedVersion after nothing", err, s.requests())
			}
		})
	}
}

func TestRefreshSpeaksTheVersion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version     string
		incremental bool
		want        string
	}{
		{"2.8", false, `<tsRequest></tsRequest>`},
		{"3.24", false, `<tsRequest></tsRequest>`},
		{"3.25", false, `<tsRequest><extractRefresh></extractRefresh></tsRequest>`},
		{"3.25", true, `<tsRequest><extractRefresh incremental="true"></extractRefresh></tsRequest>`},
	} {
		c, s := answering(t, test.version, `<job id="j" type="RefreshExtract"/>`)
		refresh := c.Workbooks.Refresh
		if test.incremental {
			refresh = c.Workbooks.RefreshIncremental
		}
		job, err := refresh(t.Context(), "w")
		if err != nil || job.ID != "j" {
			t.Fatalf("Refresh = %v, %v", job, err)
		}
		if got := string(s.requests()[0].Body); got != test.want {
			t.Errorf("version %s: sent %s, want %s", test.version, got, test.want)
		}
	}
}

func TestExtracts(t *testing.T) {
	t.Parallel()
	c, s := answering(t, "3.27", `<job id="j"/>`)
	job, err := c.Workbooks.CreateExtract(t.Context(), "w", tableau.EmbeddedDataSources{IDs: []string{"d1", "d2"}}, true)
	if err != nil || job.ID != "j" {
		t.Fatalf("CreateExtract = %v, %v", job, err)
	}
	if job, err = c.Workbooks.DeleteExtract(t.Context(), "w", tableau.EmbeddedDataSources{All: true}); err != nil || job.ID != "j" {
		t.Fatalf("DeleteExtract = %v, %v", job, err)
	}
	got := s.requests()
	if got[0].Query != "encrypt=true" || string(got[0].Body) != `<tsRequest><datasources><datasource id="d1"></datasource><datasource id="d2"></datasource></datasources></tsRequest>` {
		t.Errorf("CreateExtract sent %s %s", got[0].Query, got[0].Body)
	}
	if string(got[1].Body) != `<tsRequest><datasources includeAll="true"></datasources></tsRequest>` {
		t.Errorf("DeleteExtract sent %s", got[1].Body)
	}
}

func TestDeleteExtractWithoutJob(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"no body": func(w http.ResponseWriter, r *http.Request) {},
		"no job":  func(w http.ResponseWriter, r *http.Request) { answer(w, http.StatusOK, "") },
	} {
		job, err := serve(t, handler).client(t).Workbooks.DeleteExtract(t.Context(), "w", tableau.EmbeddedDataSources{All: true})
		if job != nil || err != nil {
			t.Errorf("%s: %v, %v; want neither job nor error", name, job, err)
		}
	}
	html := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "<html>Sign in</html>") }
	if _, err := serve(t, html).client(t).Workbooks.DeleteExtract(t.Context(), "w", tableau.EmbeddedDataSources{All: true}); err == nil {
		t.Error("a web page passed for an answer")
	}
}

func TestConnectionUpdates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		update tableau.ConnectionUpdate
		want   string
	}{
		{tableau.ConnectionUpdate{}, ``},
		{tableau.ConnectionUpdate{ServerAddress: new("DB.Example.COM"), ServerPort: new("1521")}, ` serverAddress="db.example.com" serverPort="1521"`},
		{tableau.ConnectionUpdate{ServerAddress: new("https://X.com/Y")}, ` serverAddress="https://X.com/Y"`},
		{tableau.ConnectionUpdate{UserName: new(""), Password: new("s&c"), EmbedPassword: new(false)}, ` userName="" password="s&amp;c" embedPassword="false"`},
		{tableau.ConnectionUpdate{AuthenticationType: new("auth-none"), QueryTaggingEnabled: new(true)}, ` authenticationType="auth-none" queryTaggingEnabled="true"`},
	} {
		c, s := answering(t, "3.27", `<connections><connection id="other"/><connection id="c" type="oracle"/></connections>`)
		connection, err := c.Workbooks.UpdateConnection(t.Context(), "w", "c", test.update)
		if err != nil || connection.Type != "oracle" {
			t.Fatalf("UpdateConnection = %v, %v", connection, err)
		}
		if got, want := string(s.requests()[0].Body), "<tsRequest><connection"+test.want+"></connection></tsRequest>"; got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
	c, _ := answering(t, "3.27", "")
	connection, err := c.Workbooks.UpdateConnection(t.Context(), "w", "c", tableau.ConnectionUpdate{})
	if want := (&tableau.Connection{ID: "c"}); err != nil || !cmp.Equal(connection, want) {
		t.Errorf("after an answer without a connection: %v, %v, want %v", connection, err, want)
	}
	for _, secret := range []any{tableau.ConnectionUpdate{Password: new("s3cret")}, &tableau.ConnectionsUpdate{Password: new("s3cret")}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, secret); strings.Contains(text, "s3cret") || strings.Contains(text, "0x") {
				t.Errorf("%s shows %s", verb, text)
			}
		}
	}
}

func TestRealUpdatedConnections(t *testing.T) {
	t.Parallel()
	got, err := serveAsset(t, "workbook_update_connections.xml").Workbooks.UpdateConnections(t.Context(), "w", tableau.ConnectionsUpdate{ConnectionIDs: []string{"c"}})
	want := []*tableau.Connection{
		{
			ID: "abc12345-def6-7890-gh12-ijklmnopqrst", Type: "sqlserver", ServerAddress: "updated-db-host", ServerPort: "1433",
			UserName: "svc-client", EmbedPassword: true, AuthenticationType: "AD Service Principal",
		},
		{
			ID: "1234abcd-5678-efgh-ijkl-0987654321mn", Type: "sqlserver", ServerAddress: "updated-db-host", ServerPort: "1433",
			UserName: "svc-client", EmbedPassword: true, AuthenticationType: "AD Service Principal",
		},
	}
	decoded(t, want, got, err)
	one, err := serveAsset(t, "odata_connection.xml").Workbooks.UpdateConnection(t.Context(), "w", "c", tableau.ConnectionUpdate{})
	decoded(t, &tableau.Connection{
		ID: "17376070-64d1-4d17-acb4-a56e4b5b1768", Type: "odata", ServerAddress: "https://odata.website.com/TestODataEndpoint",
		DataSource: tableau.Ref{ID: "d82f784e-178f-4b7e-a723-d8f615155a42", Name: "People (services.odata.org/ODataPeopleService/People)"},
	}, one, err)
}

func TestRealWorkbookRevisions(t *testing.T) {
	t.Parallel()
	got, err := tableau.Collect(serveAsset(t, "workbook_revision.xml").Workbooks.Revisions(t.Context(), "w"), -1)
	cassie := tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7", Name: "Cassie"}
	decoded(t, []*tableau.Revision{
		{Number: 1, PublishedAt: at("2016-07-26T20:34:56Z"), Publisher: cassie},
		{Number: 2, PublishedAt: at("2016-07-27T20:34:56Z")},
		{Number: 3, PublishedAt: at("2016-07-28T20:34:56Z"), Current: true, Publisher: cassie},
	}, got, err)
}

func TestUploadInBlocks(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, `<fileUpload uploadSessionId="1:a" fileSize="5"/>`)
	})
	c := s.client(t)
	started, err := c.FileUploads.Start(t.Context())
	decoded(t, &tableau.FileUpload{SessionID: "1:a", Size: 5}, started, err)
	appended, err := c.FileUploads.Append(t.Context(), "1:a", []byte("hello"))
	decoded(t, &tableau.FileUpload{SessionID: "1:a", Size: 5}, appended, err)

	for name, file := range map[string]struct {
		reader io.Reader
		total  int64
	}{
		"seekable": {strings.NewReader("hello"), 5}, "read once": {io.MultiReader(strings.NewReader("hello")), -1},
	} {
		var told [2]int64
		session, err := c.FileUploads.Upload(t.Context(), file.reader, func(sent, total int64) { told = [2]int64{sent, total} })
		if session != "1:a" || err != nil || told != [2]int64{5, file.total} {
			t.Errorf("%s: Upload = %q, %v; told of %v", name, session, err, told)
		}
		seen := s.requests()
		if last := seen[len(seen)-1]; last.Method != http.MethodPut || !bytes.Contains(last.Body, []byte("\r\n\r\nhello\r\n")) {
			t.Errorf("%s: sent %s %s", name, last.Method, last.Body)
		}
	}
	before := len(s.requests())
	if _, err := c.FileUploads.Upload(t.Context(), strings.NewReader(""), nil); err != nil || len(s.requests()) != before+1 {
		t.Errorf("no bytes: %v, %d requests; want none after the start", err, len(s.requests())-before)
	}
	if _, err := c.FileUploads.Upload(t.Context(), nil, nil); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("no reader: %v", err)
	}
}

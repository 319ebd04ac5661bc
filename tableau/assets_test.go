package tableau_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tabctl/tableau-go/tableau"
)

// serveAsset answers every request with a recorded answer of a real server.
func serveAsset(t *testing.T, name string) *tableau.Client {
	t.Helper()
	data := asset(t, name)
	return serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(data) }).client(t)
}

func at(text string) time.Time {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return when
}

// decoded compares, leaving aside what a newer server may add.
func decoded(t *testing.T, want, got any, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestRealWorkbooks(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "workbook_get.xml").Workbooks.Page(t.Context(), tableau.Query{})
	if err != nil {
		t.Fatal(err)
	}
	want := &tableau.Page[tableau.Workbook]{Number: 1, Size: 100, Total: 2, Items: []*tableau.Workbook{
		{
			ID: "6d13b0ca-043d-4d42-8c9d-3f3313ea3a00", Name: "Superstore", Description: "description for Superstore",
			ContentURL: "Superstore", WebpageURL: "http://tableauserver/#/workbooks/1/views", Size: 1,
			CreatedAt: at("2016-08-03T20:34:04Z"), UpdatedAt: at("2016-08-04T17:56:41Z"),
			Project: tableau.ProjectRef{ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "default"},
			Owner:   tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"},
		},
		{
			ID: "3cc6cd06-89ce-4fdc-b935-5294135d6d42", Name: "SafariSample", Description: "description for SafariSample",
			ContentURL: "SafariSample", WebpageURL: "http://tableauserver/#/workbooks/2/views", Size: 26,
			CreatedAt: at("2016-07-26T20:34:56Z"), UpdatedAt: at("2016-07-26T20:35:05Z"),
			Project: tableau.ProjectRef{ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "default"},
			Owner:   tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"},
			Tags:    []tableau.Tag{{Label: "Safari"}, {Label: "Sample"}},
		},
	}}
	decoded(t, want, page, nil)
}

func TestRealWorkbookWithImpossibleDate(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "workbook_get_invalid_date.xml").Workbooks.Page(t.Context(), tableau.Query{})
	if err != nil || len(page.Items) == 0 || !page.Items[0].CreatedAt.IsZero() {
		t.Errorf("page = %v, %v; want a workbook whose date is zero", page, err)
	}
}

func TestRealWorkbookWithAllFields(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "workbook_get_all_fields.xml").Workbooks.Page(t.Context(), tableau.Query{Fields: []string{"_all_"}})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("page = %v, %v", page, err)
	}
	want := &tableau.Workbook{
		ID: "9df3e2d1-070e-497a-9578-8cc557ced9df", Name: "Superstore", ContentURL: "Superstore",
		WebpageURL: "https://10ax.online.tableau.com/#/site/exampledev/workbooks/265605",
		ShowTabs:   true, Size: 2, SheetCount: 9, DefaultViewID: "2bdcd787-dcc6-4a5d-bc61-2846f1ef4534", ShareDescription: "Superstore",
		CreatedAt: at("2024-02-14T04:42:09Z"), UpdatedAt: at("2024-02-14T04:42:10Z"), LastPublishedAt: at("2024-02-14T04:42:09Z"),
		Project:  tableau.ProjectRef{ID: "669ca36b-492e-4ccf-bca1-3614fe6a9d7a", Name: "Samples", Description: "This project includes automatically uploaded samples."},
		Location: tableau.Location{ID: "669ca36b-492e-4ccf-bca1-3614fe6a9d7a", Type: "Project", Name: "Samples"},
		Owner: tableau.UserRef{
			ID: "ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9", Name: "bob@example.com", FullName: "Bob Smith", Email: "bob@example.com",
			SiteRole: "SiteAdministratorCreator", LastLogin: at("2025-02-04T06:39:20Z"),
		},
	}
	decoded(t, want, page.Items[0], nil)
}

func TestRealViews(t *testing.T) {
	t.Parallel()
	view, err := serveAsset(t, "view_get_id_usage.xml").Views.GetWithUsage(t.Context(), "v")
	if err != nil {
		t.Fatal(err)
	}
	if view.ID != "d79634e1-6063-4ec9-95ff-50acbf609ff5" || view.Usage.TotalViewCount != 7 || view.Name != "ENDANGERED SAFARI" {
		t.Errorf("view = %+v", view)
	}
	views, err := serveAsset(t, "workbook_populate_views.xml").Workbooks.Views(t.Context(), "w")
	want := []*tableau.View{
		{ID: "097dbe13-de89-445f-b2c3-02f28bd010c1", Name: "GDP per capita", ContentURL: "RESTAPISample/sheets/GDPpercapita"},
		{ID: "2c1ab9d7-8d64-4cc6-b495-52e40c60c330", Name: "Country ranks", ContentURL: "RESTAPISample/sheets/Countryranks"},
		{ID: "0599c28c-6d82-457e-a453-e52c1bdb00f5", Name: "Interest rates", ContentURL: "RESTAPISample/sheets/Interestrates"},
	}
	decoded(t, want, views, err)
}

func TestRealConnections(t *testing.T) {
	t.Parallel()
	connections, err := serveAsset(t, "workbook_populate_connections.xml").Workbooks.Connections(t.Context(), "w")
	want := []*tableau.Connection{{
		ID: "37ca6ced-58d7-4dcf-99dc-f0a85223cbef", Type: "dataengine",
		DataSource: tableau.Ref{ID: "4506225a-0d32-4ab1-82d3-c24e85f7afba", Name: "World Indicators"},
	}}
	decoded(t, want, connections, err)
}

func TestRealProjects(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "project_get_all_fields.xml").Projects.Page(t.Context(), tableau.Query{})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("page = %v, %v", page, err)
	}
	want := &tableau.Project{
		ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "Samples", Description: "This project includes automatically uploaded samples.",
		TopLevel: true, Writeable: true, ContentPermissions: tableau.ManagedByOwner,
		CreatedAt: at("2024-02-14T04:42:03Z"), UpdatedAt: at("2024-02-14T04:42:03Z"),
		Owner: tableau.UserRef{
			ID: "ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9", Name: "Bob", FullName: "Bob", Email: "Bob@example.com",
			SiteRole: "SiteAdministratorCreator", LastLogin: at("2025-02-04T06:39:20Z"),
		},
		Contents: tableau.ContentsCounts{Workbooks: 2, Views: 17, DataSources: 1},
	}
	decoded(t, want, page.Items[0], nil)
}

func TestRealSite(t *testing.T) {
	t.Parallel()
	site, err := serveAsset(t, "site_get_by_id.xml").Sites.Get(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	if site.Name != "Default" || site.ContentURL != "" || site.State != "Active" || *site.StorageQuota != 100 || *site.UserQuota != 4 ||
		*site.TierCreatorCapacity != 2 || site.RevisionLimit != 25 || !site.CatalogingEnabled || site.TimeZone != "America/Los_Angeles" {
		t.Errorf("site = %+v", site)
	}
	if got := site.Extra.Get("isDataAlertsEnabled"); got != "true" {
		t.Errorf("an attribute that the library does not know came out as %q", got)
	}
}

func TestRealJobs(t *testing.T) {
	t.Parallel()
	job, err := serveAsset(t, "job_get_by_id_failed_workbook.xml").Jobs.Get(t.Context(), "j")
	want := &tableau.Job{
		ID: "bb1aab79-db54-4e96-9dd3-461d8f081d08", Mode: "Asynchronous", Type: "RefreshExtract", Progress: 100,
		FinishCode: new(tableau.FinishFailed),
		CreatedAt:  at("2021-10-05T18:53:34Z"), StartedAt: at("2021-10-05T18:53:34Z"), CompletedAt: at("2021-10-05T18:53:35Z"),
		Refresh: tableau.RefreshJob{
			Workbook: tableau.Ref{ID: "5998aaaf-1abe-4d38-b4d9-bc53e85bdd13", Name: "Superstore"},
			Notes:    []string{`java.lang.RuntimeException: [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Login failed for user.\nIntegrated authentication failed.`},
		},
	}
	decoded(t, want, job, err)
	page, err := serveAsset(t, "job_get.xml").Jobs.Page(t.Context(), tableau.Query{})
	wantPage := &tableau.Page[tableau.BackgroundJob]{Number: 1, Size: 100, Total: 1, Items: []*tableau.BackgroundJob{{
		ID: "2eef4225-aa0c-41c4-8662-a76d89ed7336", Status: tableau.JobSuccess, Type: "single_subscription_notify", Priority: 50,
		CreatedAt: at("2018-05-22T13:00:29Z"), StartedAt: at("2018-05-22T13:00:37Z"), EndedAt: at("2018-05-22T13:00:45Z"),
	}}}
	decoded(t, wantPage, page, err)
}

func TestRealServerInfo(t *testing.T) {
	t.Parallel()
	info, err := serveAsset(t, "server_info_get.xml").Server.Info(t.Context())
	decoded(t, &tableau.ServerInfo{ProductVersion: "10.1.0", Build: "10100.16.1024.2100", RESTAPIVersion: "3.10"}, info, err)
}

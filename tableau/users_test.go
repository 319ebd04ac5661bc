package tableau_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	everything = append(everything, `<user id="u"/>`, `<group id="g"/>`)
	arguments[reflect.TypeFor[tableau.AddUser]()] = tableau.AddUser{Name: "alice", SiteRole: tableau.RoleViewer}
	arguments[reflect.TypeFor[[]tableau.AddUser]()] = []tableau.AddUser{{Name: "alice", SiteRole: tableau.RoleViewer}}
	arguments[reflect.TypeFor[tableau.ImportGroup]()] = tableau.ImportGroup{Name: "a name", DomainName: "example.com"}
	arguments[reflect.TypeFor[tableau.Content]()] = tableau.Content{Type: tableau.ContentWorkbook, ID: "w"}
	argumentsByName["siteID"] = siteID
}

func TestReadUsers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []tableau.ImportUser
	}{
		{"every column", "alice,s3cret,Alice A,Creator,None,yes,alice@example.com,SAML\n", []tableau.ImportUser{
			{Name: "alice", Password: "s3cret", FullName: "Alice A", Email: "alice@example.com", SiteRole: tableau.RoleCreator, AuthSetting: tableau.AuthSAML},
		}},
		{"only the name", "alice", []tableau.ImportUser{{Name: "alice", SiteRole: tableau.RoleUnlicensed}}},
		{"byte order mark, CRLF, blank lines", "\ufeffalice\r\n\r\n,,,\r\nbob\r\n", []tableau.ImportUser{
			{Name: "alice", SiteRole: tableau.RoleUnlicensed}, {Name: "bob", SiteRole: tableau.RoleUnlicensed},
		}},
		{"quotes and commas", `corp\alice," p,""w ","A, ""B""",VIEWER,,NO,` + "\n", []tableau.ImportUser{
			{Name: `corp\alice`, Password: ` p,"w `, FullName: `A, "B"`, SiteRole: tableau.RoleViewer},
		}},
		{"names keep their case", "Alice, , Alice ,explorer,NONE,True, a@example.com ,serverdefault\n", []tableau.ImportUser{
			{Name: "Alice", Password: " ", FullName: "Alice", Email: "a@example.com", SiteRole: tableau.RoleExplorerCanPublish, AuthSetting: tableau.AuthServerDefault},
		}},
		{"nothing", "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := tableau.ReadUsers(strings.NewReader(test.text))
			decoded(t, test.want, got, err)
		})
	}
}

func TestReadUsersRoles(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]tableau.SiteRole{
		"Creator,None,yes":    tableau.RoleCreator,
		"creator,none,":       tableau.RoleCreator,
		"CREATOR,,no":         tableau.RoleExplorer,
		"Explorer,None,1":     tableau.RoleExplorerCanPublish,
		"Explorer,None,0":     tableau.RoleExplorer,
		"interactor,None,no":  tableau.RoleExplorer,
		"Viewer,None,false":   tableau.RoleViewer,
		"Unlicensed,None,no":  tableau.RoleUnlicensed,
		",,":                  tableau.RoleUnlicensed,
		"Creator,Site,yes":    tableau.RoleSiteAdministratorCreator,
		"Explorer,SITE,yes":   tableau.RoleSiteAdministratorExplorer,
		"Creator,System,yes":  tableau.RoleServerAdministrator,
		"Explorer,system,yes": tableau.RoleServerAdministrator,
	} {
		got, err := tableau.ReadUsers(strings.NewReader("alice,,," + words))
		if err != nil || len(got) != 1 || got[0].SiteRole != want {
			t.Errorf("%q = %v, %v; want %s", words, got, err, want)
		}
	}
}

func TestReadUsersRefusals(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"alice\nbob,,,Editor":              `line 2: the license (column 4) is "Editor"`,
		"alice,,,Viewer,Boss":              `line 1: the administrator level (column 5) is "Boss"`,
		"alice,,,Viewer,,maybe":            `line 1: publishing (column 6) is "maybe"`,
		"alice,,,Viewer,,no,,Kerberos":     `line 1: the authentication (column 8) is "Kerberos"`,
		"\n\n,s3cret,Alice":                "line 3: the user name is missing",
		"a,b,c,,,,,,i":                     "line 1: it has 9 columns",
		"alice\n\xfcmit":                   "line 2: it is not UTF-8",
		"\xff\xfea\x00":                    "line 1: it is not UTF-8",
		"alice\nbob,\"s3cret\nrest\ncarol": "line",
	} {
		_, err := tableau.ReadUsers(strings.NewReader(text))
		if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v, want a refusal with %q", text, err, want)
		}
	}
}

func TestImportUserKeepsItsPassword(t *testing.T) {
	t.Parallel()
	user := tableau.ImportUser{Name: "alice", Password: "s3cret"}
	if text := fmt.Sprintf("%v %+v %#v %v", user, user, user, []tableau.ImportUser{user}); strings.Contains(text, "s3cret") {
		t.Errorf("printed as %s", text)
	}
}

// TestBulkAddFile reads back what BulkAdd sends: the file must say the same.
func TestBulkAddFile(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 202, `<job id="j"/>`) })
	users := []tableau.ImportUser{
		{Name: `corp\alice`, Password: `p,"w`, FullName: "Älice", Email: "a@example.com", SiteRole: tableau.RoleExplorerCanPublish},
		{Name: "bob", SiteRole: tableau.RoleSiteAdministratorCreator, AuthSetting: tableau.AuthSAML},
	}
	job, err := server.client(t).Users.BulkAdd(t.Context(), users)
	if err != nil || job.ID != "j" {
		t.Fatalf("job %v, %v", job, err)
	}
	body := string(server.requests()[0].Body)
	_, rest, _ := strings.Cut(body, "\r\n\r\n")
	file, rest, _ := strings.Cut(rest, "\r\n\r\n--")
	if want := "corp\\alice,\"p,\"\"w\",Älice,Explorer,,1,a@example.com\r\nbob,,,Creator,Site,1,"; file != want {
		t.Errorf("file %q, want %q", file, want)
	}
	if want := `<tsRequest><user name="alice" authSetting="ServerDefault"></user><user name="bob" authSetting="SAML"></user></tsRequest>`; !strings.Contains(rest, want) {
		t.Errorf("payload %s, want %s", rest, want)
	}
}

func TestBulkAddRefusals(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 202, `<job id="j"/>`) })
	for want, user := range map[string]tableau.ImportUser{
		"user 2 (): the name is missing": {},
		"AuthSetting":                    {Name: "a", AuthSetting: tableau.AuthSAML, IDPConfigurationID: "i"},
		`site role "Guest"`:              {Name: "a", SiteRole: tableau.RoleGuest},
	} {
		_, err := server.client(t).Users.BulkAdd(t.Context(), []tableau.ImportUser{{Name: "first"}, user})
		if !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", user, err, want)
		}
	}
	if seen := server.requests(); len(seen) != 0 {
		t.Errorf("sent %v", seen)
	}
}

func TestAddAll(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1<<10)
		n, _ := r.Body.Read(body)
		if strings.Contains(string(body[:n]), `name="taken"`) {
			fault(w, 409, "409017")
			return
		}
		answer(w, 201, `<user id="u"/>`)
	})
	users := []tableau.AddUser{
		{Name: "a", SiteRole: tableau.RoleViewer}, {Name: "taken", SiteRole: tableau.RoleViewer},
		{Name: "b"}, {Name: "c", SiteRole: tableau.RoleCreator},
	}
	added, err := server.client(t).Users.AddAll(t.Context(), users)
	if len(added) != 2 || !errors.Is(err, tableau.ErrConflict) || !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("added %v, %v; want two, a conflict and a refusal", added, err)
	}
	first, ok := errors.AsType[*tableau.AddUserError](err)
	if !ok || first.User.Name != "taken" {
		t.Errorf("the first failure is %v", first)
	}
}

func TestAddAllStopsWhenSignedOut(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { fault(w, 401, "401002") })
	users := []tableau.AddUser{{Name: "a", SiteRole: tableau.RoleViewer}, {Name: "b", SiteRole: tableau.RoleViewer}}
	if _, err := server.client(t).Users.AddAll(t.Context(), users); !errors.Is(err, tableau.ErrUnauthorized) || len(server.requests()) != 1 {
		t.Errorf("%v after %d requests, want ErrUnauthorized after one", err, len(server.requests()))
	}
}

func TestUserUpdateSendsWhatIsSet(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<user id="u"/>`) })
	_, err := server.client(t).Users.Update(t.Context(), "u", tableau.UserUpdate{Email: new(""), SiteRole: new(tableau.RoleViewer)})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(server.requests()[0].Body), `<tsRequest><user email="" siteRole="Viewer"></user></tsRequest>`; got != want {
		t.Errorf("sent %s, want %s", got, want)
	}
	if _, err := server.client(t).Users.Update(t.Context(), "u", tableau.UserUpdate{SiteRole: new(tableau.SiteRole("Boss"))}); !errors.Is(err, tableau.ErrInvalidArgument) {
		t.Errorf("a made-up role: %v", err)
	}
}

func TestRealUsers(t *testing.T) {
	t.Parallel()
	page, err := serveAsset(t, "user_get_all_fields.xml").Users.Page(t.Context(), tableau.Query{Fields: []string{"_all_"}})
	want := &tableau.Page[tableau.User]{Number: 1, Size: 100, Total: 2, Items: []*tableau.User{
		{
			ID: "ee8bc9ca-77fe-4ae0-8093-cf77f0ee67a9", Name: "bob@example.com", FullName: "Bob Smith", Email: "bob@example.com",
			SiteRole: tableau.RoleSiteAdministratorCreator, AuthSetting: tableau.AuthTableauIDWithMFA,
			IDPConfigurationID: "22222222-2222-2222-2222-222222222222",
			ExternalAuthUserID: "38c870c3ac5e84ec66e6ced9fb23681835b07e56d5660371ac1f705cc65bd610",
			LastLogin:          at("2025-02-04T06:39:20Z"), Language: "en", Domain: tableau.Domain{Name: "TABID_WITH_MFA"},
		},
		{
			ID: "f6d72445-285b-48e5-8380-f90b519ce682", Name: "alice@example.com", FullName: "Alice Jones", Email: "alice@example.com",
			SiteRole: tableau.RoleExplorerCanPublish, AuthSetting: tableau.AuthTableauIDWithMFA,
			IDPConfigurationID: "22222222-2222-2222-2222-222222222222",
			ExternalAuthUserID: "96f66b893b22669cdfa632275d354cd1d92cea0266f3be7702151b9b8c52be29",
			Language:           "en", Domain: tableau.Domain{Name: "TABID_WITH_MFA"},
		},
	}}
	decoded(t, want, page, err)

	user, err := serveAsset(t, "user_get_by_id.xml").Users.Get(t.Context(), "u")
	decoded(t, &tableau.User{
		ID: "dd2239f6-ddf1-4107-981a-4cf94e415794", Name: "alice", FullName: "Alice", SiteRole: tableau.RolePublisher,
		AuthSetting: tableau.AuthServerDefault, LastLogin: at("2016-08-16T23:17:06Z"), Domain: tableau.Domain{Name: "local"},
	}, user, err)

	// A paged answer comes out of the iterator, too.
	var names []string
	for user, err := range serveAsset(t, "user_get.xml").Users.List(t.Context(), tableau.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, user.Name)
	}
	if diff := cmp.Diff([]string{"alice", "Bob"}, names); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
	none, err := tableau.Collect(serveAsset(t, "user_get_empty.xml").Users.List(t.Context(), tableau.Query{}), -1)
	if err != nil || len(none) != 0 {
		t.Errorf("an empty list gave %v, %v", none, err)
	}
}

func TestRealWorkbooksAndGroupsOfUser(t *testing.T) {
	t.Parallel()
	books, err := tableau.Collect(serveAsset(t, "user_populate_workbooks.xml").Users.Workbooks(t.Context(), "u", tableau.Query{}), -1)
	if err != nil || len(books) != 1 || books[0].Name != "SafariSample" {
		t.Errorf("workbooks = %v, %v", books, err)
	}
	groups, err := tableau.Collect(serveAsset(t, "user_populate_groups.xml").Users.Groups(t.Context(), "u", tableau.Query{}), -1)
	want := []*tableau.Group{
		{ID: "ef8b19c0-43b6-11e6-af50-63f5805dbe3c", Name: "All Users", Domain: tableau.Domain{Name: "local"}},
		{ID: "e7833b48-c6f7-47b5-a2a7-36e7dd232758", Name: "Another group", Domain: tableau.Domain{Name: "local"}},
		{ID: "86a66d40-f289-472a-83d0-927b0f954dc8", Name: "TableauExample", Domain: tableau.Domain{Name: "local"}},
	}
	decoded(t, want, groups, err)
}

func TestRealImportJob(t *testing.T) {
	t.Parallel()
	job, err := serveAsset(t, "users_bulk_add_job.xml").Users.BulkAdd(t.Context(), nil)
	decoded(t, &tableau.Job{
		ID: "16a3479e-0ff9-4685-a0e4-1533b3c2eb96", Mode: "Asynchronous", Type: "UserImport",
		FinishCode: new(tableau.FinishFailed), CreatedAt: at("2024-06-27T03:21:02Z"),
	}, job, err)
}

func FuzzReadUsers(f *testing.F) {
	f.Add("\ufeffalice,s3cret,\"A, \"\"B\"\"\",Creator,None,yes,a@example.com,SAML\r\n\r\nbob")
	f.Add("alice,,,Editor")
	f.Add("alice,\"open")
	f.Fuzz(func(t *testing.T, text string) {
		users, err := tableau.ReadUsers(strings.NewReader(text))
		if err != nil && (!errors.Is(err, tableau.ErrInvalidArgument) || users != nil) {
			t.Errorf("%v and %v, want a refusal and nothing", users, err)
		}
		for _, user := range users {
			if user.Name == "" || user.SiteRole == "" {
				t.Errorf("a user without name or site role: %#v", user)
			}
		}
	})
}

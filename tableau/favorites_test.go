package tableau_test

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func TestFavoritesOfEveryKind(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	favorites := server.client(t).Favorites
	for _, test := range []struct {
		kind          tableau.ContentType
		element, path string
	}{
		{tableau.ContentWorkbook, "workbook", "workbooks"},
		{tableau.ContentView, "view", "views"},
		{tableau.ContentDataSource, "datasource", "datasources"},
		{tableau.ContentProject, "project", "projects"},
		{tableau.ContentFlow, "flow", "flows"},
		{tableau.ContentMetric, "metric", "metrics"},
		{tableau.ContentCollection, "collection", "collections"},
	} {
		item := tableau.Content{Type: test.kind, ID: "i"}
		if err := favorites.Add(t.Context(), "u", "Sales & more", item); err != nil {
			t.Errorf("add %s: %v", test.kind, err)
		}
		if err := favorites.Remove(t.Context(), "u", item); err != nil {
			t.Errorf("remove %s: %v", test.kind, err)
		}
		seen := server.requests()
		added, removed := seen[len(seen)-2], seen[len(seen)-1]
		want := `<tsRequest><favorite label="Sales &amp; more"><` + test.element + ` id="i"></` + test.element + `></favorite></tsRequest>`
		if string(added.Body) != want {
			t.Errorf("sent %s, want %s", added.Body, want)
		}
		if !strings.HasSuffix(removed.Path, "/favorites/u/"+test.path+"/i") {
			t.Errorf("removed at %s, want …/%s/i", removed.Path, test.path)
		}
	}
}

func TestFavoriteRefusals(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	book := tableau.Content{Type: tableau.ContentWorkbook, ID: "w"}
	metric := tableau.Content{Type: tableau.ContentMetric, ID: "m"}
	current := server.client(t).Favorites
	old := server.client(t, tableau.WithAPIVersion("3.2")).Favorites
	middling := server.client(t, tableau.WithAPIVersion("3.14")).Favorites
	for name, test := range map[string]struct {
		err  error
		want error
	}{
		"no label":            {current.Add(t.Context(), "u", "", book), tableau.ErrInvalidArgument},
		"no user":             {current.Add(t.Context(), "", "l", book), tableau.ErrInvalidArgument},
		"no ID":               {current.Remove(t.Context(), "u", tableau.Content{Type: tableau.ContentView}), tableau.ErrInvalidArgument},
		"none to move":        {current.Move(t.Context(), "u", tableau.Content{Type: tableau.ContentView}, tableau.Content{Type: tableau.ContentView, ID: "v"}), tableau.ErrInvalidArgument},
		"none to be behind":   {current.Move(t.Context(), "u", tableau.Content{Type: tableau.ContentView, ID: "v"}, tableau.Content{}), tableau.ErrInvalidArgument},
		"collections to move": {middling.Move(t.Context(), "u", tableau.Content{Type: tableau.ContentView, ID: "v"}, tableau.Content{Type: tableau.ContentCollection, ID: "w"}), tableau.ErrUnsupportedVersion},
		"too old to move":     {old.Move(t.Context(), "u", tableau.Content{Type: tableau.ContentView, ID: "v"}, tableau.Content{Type: tableau.ContentView, ID: "w"}), tableau.ErrUnsupportedVersion},
		"no favorite":         {current.Add(t.Context(), "u", "l", tableau.Content{Type: tableau.ContentTable, ID: "t"}), tableau.ErrInvalidArgument},
		"flow before 3.3":     {old.Add(t.Context(), "u", "l", tableau.Content{Type: tableau.ContentFlow, ID: "f"}), tableau.ErrUnsupportedVersion},
		"metric before 3.15":  {middling.Remove(t.Context(), "u", metric), tableau.ErrUnsupportedVersion},
	} {
		if !errors.Is(test.err, test.want) {
			t.Errorf("%s: %v, want %v", name, test.err, test.want)
		}
	}
	if seen := server.requests(); len(seen) != 0 {
		t.Errorf("sent %v", seen)
	}
}

func TestRealFavorites(t *testing.T) {
	t.Parallel()
	favorites, err := tableau.Collect(serveAsset(t, "favorites_get.xml").Favorites.List(t.Context(), "u", tableau.Query{}), -1)
	owner := tableau.UserRef{ID: "5de011f8-5aa9-4d5b-b991-f462c8dd6bb7"}
	inDefault := tableau.ProjectRef{ID: "ee8c6e70-43b6-11e6-af4f-f7b0d8e20760", Name: "default"}
	want := []*tableau.Favorite{
		{Label: "favorite-label", View: &tableau.View{
			ID: "d79634e1-6063-4ec9-95ff-50acbf609ff5", Name: "ENDANGERED SAFARI", ContentURL: "SafariSample/sheets/ENDANGEREDSAFARI",
			Workbook: tableau.Ref{ID: "3cc6cd06-89ce-4fdc-b935-5294135d6d42"}, Owner: owner,
			Project: tableau.ProjectRef{ID: "5241e88d-d384-4fd7-9c2f-648b5247efc5"},
		}},
		{Workbook: &tableau.Workbook{
			ID: "6d13b0ca-043d-4d42-8c9d-3f3313ea3a00", Name: "Superstore", Description: "description for Superstore", ContentURL: "Superstore",
			Size: 1, CreatedAt: at("2016-08-03T20:34:04Z"), UpdatedAt: at("2016-08-04T17:56:41Z"), Project: inDefault, Owner: owner,
		}},
		{Project: &tableau.Project{
			ID: "1d0304cd-3796-429f-b815-7258370b9b74", Name: "Tableau", ContentPermissions: tableau.ManagedByOwner,
		}},
		{DataSource: &tableau.FavoriteItem{
			ID: "e76a1461-3b1d-4588-bf1b-17551a879ad9", Name: "SampleDS",
			CreatedAt: at("2016-08-11T21:22:40Z"), UpdatedAt: at("2016-08-11T21:34:17Z"), Project: inDefault, Owner: owner,
			Extra: tableau.Attributes{
				{Name: xml.Name{Local: "contentUrl"}, Value: "SampleDS"}, {Name: xml.Name{Local: "type"}, Value: "dataengine"},
			},
		}},
		{Collection: &tableau.Collection{
			ID: "8c57cb8a-d65f-4a32-813e-5a3f86e8f94e", Name: "sample collection", Description: "description for sample collection",
			Visibility: "Private", TotalItemCount: 3, PermissionedItemCount: 2,
			CreatedAt: at("2016-08-11T21:22:40Z"), UpdatedAt: at("2016-08-11T21:34:17Z"), Owner: owner,
		}},
	}
	decoded(t, want, favorites, err)
	var contents []tableau.Content
	for _, favorite := range favorites {
		contents = append(contents, favorite.Content())
	}
	if diff := cmp.Diff([]tableau.Content{
		{Type: tableau.ContentView, ID: "d79634e1-6063-4ec9-95ff-50acbf609ff5"},
		{Type: tableau.ContentWorkbook, ID: "6d13b0ca-043d-4d42-8c9d-3f3313ea3a00"},
		{Type: tableau.ContentProject, ID: "1d0304cd-3796-429f-b815-7258370b9b74"},
		{Type: tableau.ContentDataSource, ID: "e76a1461-3b1d-4588-bf1b-17551a879ad9"},
		{Type: tableau.ContentCollection, ID: "8c57cb8a-d65f-4a32-813e-5a3f86e8f94e"},
	}, contents); diff != "" {
		t.Errorf("contents (-want +got)\n%s", diff)
	}
}

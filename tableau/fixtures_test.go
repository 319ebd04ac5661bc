package tableau_test

import (
	"context"
	"encoding/xml"
	"iter"
	"net/http"
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

// counted is a list whose items are only counted.
func counted[T any](items iter.Seq2[*T, error]) (n int, err error) {
	for item, err := range items {
		if err != nil {
			return n, err
		}
		if item != nil {
			n++
		}
	}
	return n, nil
}

// TestRealListsThroughTheIterator reads every recorded list of a real server as
// a list, and holds the number of items against the fixture itself.
func TestRealListsThroughTheIterator(t *testing.T) {
	t.Parallel()
	lists := map[string]func(ctx context.Context, c *tableau.Client) (int, error){
		"workbook": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Workbooks.List(ctx, tableau.Query{PageSize: 100}))
		},
		"view": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Views.List(ctx, tableau.ViewQuery{Query: tableau.Query{PageSize: 100}}))
		},
		"project": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Projects.List(ctx, tableau.Query{PageSize: 100}))
		},
		"site": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Sites.List(ctx, tableau.Query{PageSize: 100}))
		},
		"user": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Users.List(ctx, tableau.Query{PageSize: 100}))
		},
		"group": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Groups.List(ctx, tableau.Query{PageSize: 100}))
		},
		"datasource": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.DataSources.List(ctx, tableau.Query{PageSize: 100}))
		},
		"backgroundJob": func(ctx context.Context, c *tableau.Client) (int, error) {
			return counted(c.Jobs.List(ctx, tableau.Query{PageSize: 100}))
		},
	}
	fixtures := map[string]string{
		"workbook_get.xml": "workbook", "workbook_get_empty.xml": "workbook", "workbook_get_all_fields.xml": "workbook", "workbook_get_invalid_date.xml": "workbook",
		"view_get.xml": "view", "view_get_usage.xml": "view", "view_get_all_fields.xml": "view",
		"project_get.xml": "project", "project_get_all_fields.xml": "project", "site_get.xml": "site",
		"user_get.xml": "user", "user_get_empty.xml": "user", "user_get_all_fields.xml": "user",
		"group_get.xml": "group", "group_get_all_fields.xml": "group",
		"datasource_get.xml": "datasource", "datasource_get_empty.xml": "datasource", "datasource_get_all_fields.xml": "datasource", "datasource_get_no_owner.xml": "datasource",
		"job_get.xml": "backgroundJob",
	}
	for name, item := range fixtures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := asset(t, name)
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if n := r.URL.Query().Get("pageNumber"); n != "1" {
					fault(w, 400, "400006") // the recording is of one page
					return
				}
				_, _ = w.Write(data)
			})
			got, err := lists[item](t.Context(), server.client(t))
			if want := countElements(t, data, item); err != nil || got != want {
				t.Errorf("%d items, %v; the fixture holds %d", got, err, want)
			}
		})
	}
}

// countElements counts the items two levels below the root.
func countElements(t *testing.T, data []byte, name string) int {
	t.Helper()
	var document struct {
		Containers []struct {
			Items []struct {
				XMLName xml.Name
			} `xml:",any"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, container := range document.Containers {
		for _, item := range container.Items {
			if item.XMLName.Local == name {
				n++
			}
		}
	}
	return n
}

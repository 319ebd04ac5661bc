package tableau_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tabctl/tableau-go/tableau"
)

func init() {
	argumentsByName["labels"] = []string{"monthly"}
}

func TestRealTags(t *testing.T) {
	t.Parallel()
	tags, err := serveAsset(t, "workbook_add_tags.xml").Tags.Add(t.Context(), someWorkbook, "a")
	decoded(t, []tableau.Tag{{Label: "a"}, {Label: "b"}, {Label: "c"}, {Label: "d"}}, tags, err)
}

func TestTagRequests(t *testing.T) {
	t.Parallel()
	const site = "/api/3.27/sites/" + siteID
	view := tableau.Content{Type: tableau.ContentView, ID: "v"}
	tests := []struct {
		name string
		call func(*tableau.TagsService) error
		want []string
	}{
		{"each label once", func(s *tableau.TagsService) error {
			_, err := s.Add(t.Context(), view, "b", "a", "b")
			return err
		}, []string{"PUT " + site + `/views/v/tags <tsRequest><tags><tag label="b"></tag><tag label="a"></tag></tags></tsRequest>`}},
		{"labels in a path", func(s *tableau.TagsService) error {
			return s.Delete(t.Context(), view, "a/b", "50% off?", "été")
		}, []string{
			"DELETE " + site + "/views/v/tags/a%2Fb ",
			"DELETE " + site + "/views/v/tags/50%25%20off%3F ",
			"DELETE " + site + "/views/v/tags/%C3%A9t%C3%A9 ",
		}},
		{"none to delete", func(s *tableau.TagsService) error { return s.Delete(t.Context(), view) }, nil},
		{"the difference", func(s *tableau.TagsService) error {
			_, err := s.Set(t.Context(), view, []tableau.Tag{{Label: "keep"}, {Label: "gone"}}, "new", "keep")
			return err
		}, []string{
			"DELETE " + site + "/views/v/tags/gone ",
			"PUT " + site + `/views/v/tags <tsRequest><tags><tag label="new"></tag></tags></tsRequest>`,
		}},
		{"no difference", func(s *tableau.TagsService) error {
			tags, err := s.Set(t.Context(), view, []tableau.Tag{{Label: "a"}, {Label: "b"}}, "b", "a")
			if diff := cmp.Diff([]tableau.Tag{{Label: "b"}, {Label: "a"}}, tags); diff != "" {
				t.Errorf("tags (-want +got)\n%s", diff)
			}
			return err
		}, nil},
		{"many items", func(s *tableau.TagsService) error {
			_, err := s.AddBatch(t.Context(), []string{"a"}, view, tableau.Content{Type: tableau.ContentDataSource, ID: "d"})
			return err
		}, []string{"PUT " + site + `/tags:batchCreate <tsRequest><tagBatch><tags><tag label="a"></tag></tags><contents>` +
			`<content contentType="View" id="v"></content><content contentType="Datasource" id="d"></content></contents></tagBatch></tsRequest>`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<tags/>`) })
			if err := test.call(server.client(t).Tags); err != nil {
				t.Fatal(err)
			}
			var sent []string
			for _, r := range server.requests() {
				sent = append(sent, r.Method+" "+r.Path+" "+string(r.Body))
			}
			if diff := cmp.Diff(test.want, sent); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
		})
	}
}

func TestTagsRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, `<tags/>`) })
	tags := server.client(t).Tags
	tests := map[string]struct {
		call func() error
		says string
	}{
		"no tag": {func() error { _, err := tags.Add(t.Context(), someWorkbook); return err }, "no tag is given"},
		"empty label": {func() error {
			return tags.Delete(t.Context(), someWorkbook, "a", "")
		}, "the label of a tag is empty"},
		"empty label among the missing": {func() error {
			_, err := tags.Set(t.Context(), someWorkbook, []tableau.Tag{{Label: "gone"}}, "")
			return err
		}, "the label of a tag is empty"},
		"a project": {func() error { _, err := tags.Add(t.Context(), someProject, "a"); return err }, "a project has no tags"},
		"a project in a batch": {func() error {
			_, err := tags.AddBatch(t.Context(), []string{"a"}, someWorkbook, someProject)
			return err
		}, "a project has no tags"},
		"no type in a batch": {func() error {
			_, err := tags.AddBatch(t.Context(), []string{"a"}, tableau.Content{ID: "x"})
			return err
		}, "no type of content"},
		"no ID in a batch": {func() error {
			_, err := tags.DeleteBatch(t.Context(), []string{"a"}, tableau.Content{Type: tableau.ContentView})
			return err
		}, "the ID of a view is empty"},
		"nothing in a batch": {func() error { _, err := tags.AddBatch(t.Context(), []string{"a"}); return err }, "no item is given"},
	}
	for name, test := range tests {
		if err := test.call(); !errors.Is(err, tableau.ErrInvalidArgument) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want ErrInvalidArgument with %q", name, err, test.says)
		}
	}
	if sent := server.requests(); len(sent) != 0 {
		t.Errorf("sent %v, want nothing", sent)
	}
}

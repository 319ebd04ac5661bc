package tableau_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/tabctl/tableau-go/tableau"
)

func TestFiltersOnTheWire(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600))
	for want, filter := range map[string]tableau.Filter{
		"name:eq:Ann":                        tableau.Eq(tableau.FieldName, "Ann"),
		"name:cieq:ann":                      tableau.EqFold(tableau.FieldName, "ann"),
		"tags:in:[a,b]":                      tableau.In(tableau.FieldTags, "a", "b"),
		"tags:in:[a]":                        tableau.In(tableau.FieldTags, "a"),
		"notes:has:failed":                   tableau.Has(tableau.FieldNotes, "failed"),
		"topLevelProject:eq:true":            tableau.Is(tableau.FieldTopLevelProject, true),
		"size:gte:100":                       tableau.AtLeast(tableau.FieldSize, 100),
		"size:lte:100":                       tableau.AtMost(tableau.FieldSize, 100),
		"createdAt:gt:2026-03-01T12:00:00Z":  tableau.After(tableau.FieldCreatedAt, noon),
		"createdAt:gte:2026-03-01T12:00:00Z": tableau.NotBefore(tableau.FieldCreatedAt, noon),
		"updatedAt:lt:2026-03-01T12:00:00Z":  tableau.Before(tableau.FieldUpdatedAt, noon),
		"updatedAt:lte:2026-03-01T12:00:00Z": tableau.NotAfter(tableau.FieldUpdatedAt, noon),
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `<workbooks/>`) })
		if _, err := server.client(t).Workbooks.Page(t.Context(), tableau.Query{Filter: []tableau.Filter{filter}}); err != nil {
			t.Errorf("%s: %v", want, err)
			continue
		}
		query, err := url.ParseQuery(server.requests()[0].Query)
		if got := query.Get("filter"); err != nil || got != want {
			t.Errorf("sent %q (%v), want %q", got, err, want)
		}
	}
}

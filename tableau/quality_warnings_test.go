package tableau_test

import (
	"testing"

	"github.com/tabctl/tableau-go/tableau"
)

func TestRealQualityWarnings(t *testing.T) {
	t.Parallel()
	got, err := serveAsset(t, "dqw_by_content_type.xml").DataSources.QualityWarnings(t.Context(), "d")
	decoded(t, []*tableau.QualityWarning{{
		ID: "c2e0e406-84fb-4f4e-9998-f20dd9306710", Type: tableau.WarningGeneral, Message: "Hello, World!", Active: true, Severe: true,
		ContentID: "94441d26-9a52-4a42-b0fb-3f94792d1aac", ContentType: "DATABASE", UserDisplayName: "Alice Alison",
		CreatedAt: at("2021-04-09T18:39:54Z"), UpdatedAt: at("2021-04-09T18:39:54Z"),
		Owner: tableau.UserRef{ID: "eddc8c5f-6af0-40be-b6b0-2c790290a43f"},
	}}, got, err)
}

func TestQualityWarningsOnTheWire(t *testing.T) {
	t.Parallel()
	server := dataSourceServer(t)
	c := server.client(t)
	if _, err := c.DataSources.AddQualityWarning(t.Context(), "d", tableau.AddQualityWarning{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DataSources.UpdateQualityWarning(t.Context(), "d", tableau.QualityWarningUpdate{Message: new("")}); err != nil {
		t.Fatal(err)
	}
	seen := server.requests()
	for i, want := range []string{
		`<tsRequest><dataQualityWarning type="WARNING" isActive="true" isSevere="false"></dataQualityWarning></tsRequest>`,
		`<tsRequest><dataQualityWarning message=""></dataQualityWarning></tsRequest>`,
	} {
		if got := string(seen[i].Body); got != want {
			t.Errorf("sent %s, want %s", got, want)
		}
	}
}
